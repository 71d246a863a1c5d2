using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes meshes. A mesh that the daemon creates becomes an asset in one of <see cref="MeshFiles"/>. Only
    /// such assets and meshes of the scene itself are written; any other mesh is replaced by an asset when it changes.
    /// </summary>
    public sealed class MeshStore
    {
        readonly MeshRecords records;
        readonly MeshPreviews previews;
        readonly MeshFiles files;
        readonly MeshMemory memory;
        List<(MeshIdentity, Mesh, string)> recordsBefore;

        public MeshStore(MeshRecords records, MeshPreviews previews)
        {
            this.records = records;
            this.previews = previews;
            files = new MeshFiles(mesh => previews.End(records.FindUuid(mesh)));
            memory = new MeshMemory(previews.Bases);
        }

        /// <summary>Copies the identities, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            files.BeginBatch();
            recordsBefore = records.Copy();
        }

        /// <summary>Reverts the parts that the undo history does not: identities and created files.</summary>
        public void RevertBatch()
        {
            records.Restore(recordsBefore);
            files.RevertBatch();
        }

        /// <param name="slots">The materials of the mesh; null where materials are not synchronized.</param>
        public Sample Sample(MeshIdentity identity, SlotsComponent slots)
        {
            string uuid = identity.Uuid;
            NameComponent name = NameComponent.FromEditor(identity.Mesh.name);
            // A shown value is no value of the mesh.
            MeshArrays arrays = MeshArrays.ReadFrom(identity.Mesh, vertices => previews.Settle(uuid, vertices));
            return new Sample(arrays.Bytes, sent =>
            {
                Entity entity = new Entity(uuid, Kinds.Mesh);
                entity.Set(name);
                entity.Set(memory.Convert(uuid, arrays, sent));
                if (slots != null) { entity.Set(slots); }
                return entity;
            });
        }

        /// <summary>Returns the file of an object's evaluated mesh; creates it if there is none.</summary>
        public Mesh OpenShown(string uuid) => OpenFile(uuid, "Shown");

        /// <summary>Has the file of an evaluated mesh saved soon.</summary>
        public void MarkChanged(Mesh mesh)
        {
            EditorUtility.SetDirty(mesh);
            files.MarkChanged(mesh);
        }

        /// <summary>Converts the arrays of an evaluated mesh to canonical space. May run on any thread.</summary>
        public MeshComponent Convert(string uuid, MeshArrays arrays, MeshComponent sent) =>
            memory.Convert(uuid, arrays, sent);

        /// <summary>Converts a received mesh to Unity's arrays. May run on any thread.</summary>
        public MeshArrays Prepare(string uuid, MeshComponent mesh) => memory.Prepare(uuid, mesh);

        /// <summary>Returns the mesh that was last received and read back exactly; null if it is not remembered.</summary>
        public MeshComponent FindReceived(string uuid) => memory.FindReceived(uuid);

        /// <summary>Creates or changes a mesh.</summary>
        /// <param name="arrays">The converted mesh of the change; null if it has none.</param>
        public void Write(Entity content, MeshArrays arrays, string label)
        {
            MeshIdentity identity = records.Find(content.Uuid);
            if (identity == null && arrays == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new mesh has no data");
            }
            bool isKnown = identity != null;
            // Unity adds an undo step for a mesh also if its content stays the same.
            if (isKnown && IsSame(identity.Mesh, content, arrays)) { return; }
            Mesh mesh = isKnown ? GetWritableMesh(identity, label) : Create(content.Uuid).Mesh;
            // Undoing the step that created a mesh does not clear it: the asset stays, and no object shows it.
            if (isKnown) { Undo.RegisterCompleteObjectUndo(mesh, label); }
            NameComponent name = content.Find<NameComponent>("name");
            if (name != null) { mesh.name = name.Name; }
            if (arrays != null)
            {
                int countBefore = mesh.subMeshCount;
                arrays.WriteTo(mesh);
                if (mesh.subMeshCount > countBefore)
                {
                    ForEachUser(mesh, filter => FillMaterials(filter, mesh, label));
                }
            }
            EditorUtility.SetDirty(mesh);
            if (MeshFiles.IsOwn(mesh)) { files.MarkChanged(mesh); }
        }

        static bool IsSame(Mesh mesh, Entity content, MeshArrays arrays)
        {
            NameComponent name = content.Find<NameComponent>("name");
            return (name == null || name.Name == mesh.name) && (arrays == null || arrays.IsContentOf(mesh));
        }

        /// <summary>Notes the state that daemon and editor share in the file of a mesh.</summary>
        public void SaveRecord(MeshIdentity identity, string digests) => files.SaveRecord(identity.Mesh, digests);

        /// <summary>Saves changed files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdle(double now)
        {
            memory.DropUnused(now);
            files.SaveIdle(now);
        }

        /// <summary>Saves all changed files.</summary>
        public void SaveAll() => files.SaveAll(records.GetUuids().ConvertAll(uuid => records.Find(uuid).Mesh));

        /// <summary>Returns facts about a mesh that need none of its arrays.</summary>
        public static MeshState ReadState(MeshIdentity identity)
        {
            Mesh mesh = identity.Mesh;
            VibeSyncMeshAsset main = MeshFiles.FindMain(mesh);
            return new MeshState(mesh.name, mesh.vertexCount == 0, main == null ? "" : main.Digests);
        }

        /// <summary>
        /// Deletes a mesh. An asset stays as a file, so that undo can revive it; only its identity is removed.
        /// </summary>
        public void Delete(MeshIdentity identity)
        {
            Mesh mesh = identity.Mesh;
            records.Remove(identity);
            if (!AssetDatabase.Contains(mesh)) { Undo.DestroyObjectImmediate(mesh); }
        }

        /// <summary>
        /// Gives a renderer a material for each submesh that has none. Assigned materials are the user's and stay.
        /// </summary>
        public static void FillMaterials(UnityEngine.Component owner, Mesh mesh, string label)
        {
            MeshRenderer renderer = owner.GetComponent<MeshRenderer>();
            if (renderer == null) { return; }
            Material[] assigned = renderer.sharedMaterials;
            int count = Math.Max(1, mesh.subMeshCount);
            if (assigned.Length >= count) { return; }
            Undo.RecordObject(renderer, label);
            int first = assigned.Length;
            Array.Resize(ref assigned, count);
            for (int i = first; i < count; i++) { assigned[i] = UnityCompat.DefaultMaterial(); }
            renderer.sharedMaterials = assigned;
            PrefabOverrides.Record(renderer);
        }

        MeshIdentity Create(string uuid)
        {
            MeshIdentity identity = new MeshIdentity { Uuid = uuid, Mesh = OpenFile(uuid, "Mesh") };
            records.Add(identity);
            return identity;
        }

        Mesh OpenFile(string uuid, string name)
        {
            return files.Open(uuid, name, mesh =>
            {
                string owner = records.Shown.Find(mesh)?.Uuid ?? records.FindUuid(mesh);
                return owner == null || owner == uuid;
            });
        }

        /// <summary>Returns the mesh, or the copy that replaces it everywhere if it must not be written.</summary>
        Mesh GetWritableMesh(MeshIdentity identity, string label)
        {
            Mesh original = identity.Mesh;
            if (!EditorUtility.IsPersistent(original)) { return original; }
            if (MeshFiles.IsOwn(original))
            {
                MeshFiles.Upgrade(original, identity.Uuid);
                return original;
            }
            Mesh copy = OpenFile(identity.Uuid, original.name);
            EditorUtility.CopySerialized(original, copy);
            // Meshes of models and built-in ones cannot be edited; the copy can.
            copy.hideFlags = HideFlags.None;
            records.Replace(identity, copy);
            ForEachUser(original, filter =>
            {
                Undo.RecordObject(filter, label);
                filter.sharedMesh = copy;
                PrefabOverrides.Record(filter);
            });
            return copy;
        }

        static void ForEachUser(Mesh mesh, Action<MeshFilter> act)
        {
            foreach (MeshFilter filter in OpenScenes.FindAll<MeshFilter>())
            {
                if (filter.sharedMesh == mesh) { act(filter); }
            }
        }
    }
}
