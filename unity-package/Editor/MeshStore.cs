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
        readonly ShapeMemory shapeMemory = new ShapeMemory();
        readonly ShapeStore weights;
        readonly WeightStore groups;
        List<(MeshIdentity, MeshIdentity)> recordsBefore;

        public MeshStore(MeshRecords records, MeshPreviews previews, ShapeStore weights, WeightStore groups)
        {
            this.records = records;
            this.weights = weights;
            this.groups = groups;
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
            BlendShapes shapes = BlendShapes.ReadFrom(identity.Mesh);
            ShapeKey[] keys = ShapeStore.ReadKeys(identity, shapes.Names);
            ShapeValuesComponent values = weights.ReadValues(identity);
            WeightsComponent kept = groups.Read(identity);
            AnimationComponent animation = KeptRecords.ParseAnimation(identity.Animation);
            return new Sample(arrays.Bytes + shapes.Bytes + kept.Bytes, sent =>
            {
                Entity entity = new Entity(uuid, Kinds.Mesh);
                entity.Set(name);
                entity.Set(memory.Convert(uuid, arrays, sent?.Find<MeshComponent>("mesh")));
                if (slots != null) { entity.Set(slots); }
                entity.Set(keys.Length == 0 ? ShapesComponent.None : shapeMemory.Convert(uuid, shapes, keys,
                    arrays.FindCorners(), sent?.Find<ShapesComponent>(ShapesComponent.Name)));
                entity.Set(values);
                WeightsComponent received = sent?.Find<WeightsComponent>(WeightsComponent.Name);
                entity.Set(received != null && received.Digest() == kept.Digest() ? received : kept);
                entity.Set(animation);
                return entity;
            });
        }

        /// <summary>Returns the file of an object's evaluated mesh; creates it if there is none.</summary>
        public Mesh OpenShown(string uuid) => OpenFile(uuid, "Shown");

        /// <summary>Has the file of a mesh saved soon, if it has one.</summary>
        public void MarkChanged(Mesh mesh)
        {
            EditorUtility.SetDirty(mesh);
            if (MeshFiles.IsOwn(mesh)) { files.MarkChanged(mesh); }
        }

        /// <summary>Converts the arrays of an evaluated mesh to canonical space. May run on any thread.</summary>
        public MeshComponent Convert(string uuid, MeshArrays arrays, MeshComponent sent) =>
            memory.Convert(uuid, arrays, sent);

        /// <summary>Converts what a change has of a mesh to Unity's arrays; null without any. May run on any thread.</summary>
        public PreparedMesh Prepare(Change change)
        {
            MeshComponent mesh = change.Content?.FindMesh();
            ShapesComponent shapes = ShapeStore.FindKeys(change);
            if (mesh == null) { return shapes == null ? null : new PreparedMesh(null, shapes, null); }
            MeshArrays arrays = memory.Prepare(change.Uuid, mesh, shapes);
            bool hasKeys = shapes != null && shapes.Vertex.Length == mesh.CornerCount;
            return new PreparedMesh(arrays, shapes, hasKeys ? BlendShapes.FromCanonical(shapes, arrays) : null);
        }

        /// <summary>Returns the mesh that was last received and read back exactly; null if it is not remembered.</summary>
        public MeshComponent FindReceived(string uuid) => memory.FindReceived(uuid);

        /// <summary>Creates or changes a mesh.</summary>
        /// <param name="prepared">The converted mesh of the change; null if it has none.</param>
        public void Write(Entity content, PreparedMesh prepared, string label)
        {
            MeshIdentity identity = records.Find(content.Uuid);
            if (identity == null && prepared?.Arrays == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new mesh has no data");
            }
            bool isKnown = identity != null;
            // Unity adds an undo step for a mesh also if its content stays the same.
            if (isKnown && IsSame(identity.Mesh, content, prepared)) { return; }
            Mesh mesh = isKnown ? GetWritableMesh(identity, label) : Create(content.Uuid).Mesh;
            // Undoing the step that created a mesh does not clear it: the asset stays, and no object shows it.
            if (isKnown) { Undo.RegisterCompleteObjectUndo(mesh, label); }
            NameComponent name = content.Find<NameComponent>("name");
            if (name != null) { mesh.name = name.Name; }
            if (prepared != null)
            {
                int countBefore = mesh.subMeshCount;
                prepared.WriteTo(mesh, content.Find<MeshComponent>("mesh"));
                if (mesh.subMeshCount > countBefore)
                {
                    MeshHolder.FindUsers(mesh).ForEach(user => FillMaterials(user, mesh, label));
                }
            }
            MarkChanged(mesh);
        }

        static bool IsSame(Mesh mesh, Entity content, PreparedMesh prepared)
        {
            NameComponent name = content.Find<NameComponent>("name");
            return (name == null || name.Name == mesh.name) && (prepared == null || prepared.IsContentOf(mesh));
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
        public static void FillMaterials(GameObject owner, Mesh mesh, string label)
        {
            Renderer renderer = MeshHolder.FindRenderer(owner);
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
        public Mesh GetWritableMesh(MeshIdentity identity, string label)
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
            MeshHolder.FindUsers(original).ForEach(user => MeshHolder.Show(user, copy, label));
            return copy;
        }
    }
}
