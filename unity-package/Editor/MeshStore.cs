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
    /// Reads and writes meshes. What the daemon creates becomes an asset under <see cref="Folder"/>. Only such an asset,
    /// or a mesh of the scene itself, is ever written; any other is replaced by an asset when the daemon changes it.
    /// </summary>
    public sealed class MeshStore
    {
        public const string Folder = "Assets/VibeSync";

        readonly MeshRecords records;
        readonly List<string> made = new List<string>();
        List<KeyValuePair<MeshIdentity, Mesh>> before;

        public MeshStore(MeshRecords records)
        {
            this.records = records;
        }

        /// <summary>Remembers how things are, for <see cref="Revert"/>.</summary>
        public void Begin()
        {
            made.Clear();
            before = records.Take();
        }

        /// <summary>Takes back what the undo history does not: identities, and files that were made since.</summary>
        public void Revert()
        {
            records.Return(before);
            foreach (string path in made) { AssetDatabase.DeleteAsset(path); }
        }

        public static Sample Sample(MeshIdentity identity)
        {
            string uuid = identity.Uuid;
            NameComponent name = NameComponent.FromEditor(identity.Mesh.name);
            MeshArrays arrays = MeshArrays.Take(identity.Mesh);
            return new Sample(arrays.Bytes, () =>
            {
                Entity entity = new Entity(uuid, Kinds.Mesh);
                entity.Set(name);
                entity.Set(arrays.ToCanonical());
                return entity;
            });
        }

        /// <summary>Creates or changes a mesh.</summary>
        /// <param name="arrays">The change's mesh, converted; null when it has none.</param>
        public void Write(Entity content, MeshArrays arrays, string label)
        {
            MeshIdentity identity = records.Find(content.Uuid);
            if (identity == null && arrays == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new mesh has no data");
            }
            bool known = identity != null;
            Mesh mesh = known ? Writable(identity, label) : Create(content.Uuid).Mesh;
            // Undoing the step that made a mesh does not empty it: an asset stays, without anything that shows it.
            if (known) { Undo.RegisterCompleteObjectUndo(mesh, label); }
            NameComponent name = content.Find<NameComponent>("name");
            if (name != null) { mesh.name = name.Name; }
            if (arrays != null)
            {
                int before = mesh.subMeshCount;
                arrays.Put(mesh);
                if (mesh.subMeshCount > before) { ForEachUser(mesh, filter => FillMaterials(filter, mesh, label)); }
            }
            EditorUtility.SetDirty(mesh);
        }

        /// <summary>
        /// Deletes a mesh. An asset stays as a file, so that undo can bring it back; only its identity goes.
        /// </summary>
        public void Delete(MeshIdentity identity)
        {
            Mesh mesh = identity.Mesh;
            records.Remove(identity);
            if (!AssetDatabase.Contains(mesh)) { Undo.DestroyObjectImmediate(mesh); }
        }

        /// <summary>
        /// Gives a renderer a material for each submesh that has none; those that it has are the user's.
        /// </summary>
        public static void FillMaterials(UnityEngine.Component shower, Mesh mesh, string label)
        {
            MeshRenderer renderer = shower.GetComponent<MeshRenderer>();
            if (renderer == null) { return; }
            Material[] assigned = renderer.sharedMaterials;
            int count = Math.Max(1, mesh.subMeshCount);
            if (assigned.Length >= count) { return; }
            Undo.RecordObject(renderer, label);
            int first = assigned.Length;
            Array.Resize(ref assigned, count);
            for (int i = first; i < count; i++) { assigned[i] = UnityCompat.DefaultMaterial(); }
            renderer.sharedMaterials = assigned;
            Overrides.Keep(renderer);
        }

        MeshIdentity Create(string uuid)
        {
            MeshIdentity identity = new MeshIdentity { Uuid = uuid, Mesh = AssetOf(uuid, "Mesh") };
            records.Add(identity);
            return identity;
        }

        /// <summary>
        /// The asset of a mesh. One that an earlier session left is taken up, so that its .meta file, and whatever
        /// refers to it, stays.
        /// </summary>
        Mesh AssetOf(string uuid, string name)
        {
            string path = Folder + "/" + uuid + ".asset";
            Mesh left = AssetDatabase.LoadAssetAtPath<Mesh>(path);
            if (left != null) { return left; }
            Mesh created = new Mesh { name = name };
            if (!AssetDatabase.IsValidFolder(Folder)) { AssetDatabase.CreateFolder("Assets", "VibeSync"); }
            AssetDatabase.CreateAsset(created, path);
            made.Add(path);
            return created;
        }

        /// <summary>
        /// The mesh itself, or a copy of it that takes its place everywhere, where it is not ours to write.
        /// </summary>
        Mesh Writable(MeshIdentity identity, string label)
        {
            string path = AssetDatabase.GetAssetPath(identity.Mesh);
            if (path.Length == 0 || path.StartsWith(Folder + "/", StringComparison.Ordinal)) { return identity.Mesh; }
            Mesh original = identity.Mesh;
            Mesh copy = AssetOf(identity.Uuid, original.name);
            EditorUtility.CopySerialized(original, copy);
            records.Replace(identity, copy);
            ForEachUser(original, filter =>
            {
                Undo.RecordObject(filter, label);
                filter.sharedMesh = copy;
                Overrides.Keep(filter);
            });
            return copy;
        }

        static void ForEachUser(Mesh mesh, Action<MeshFilter> act)
        {
            foreach (MeshFilter filter in OpenScenes.All<MeshFilter>())
            {
                if (filter.sharedMesh == mesh) { act(filter); }
            }
        }
    }
}
