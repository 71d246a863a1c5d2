using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The meshes by uuid. What the daemon creates becomes an asset under <see cref="Folder"/>; a mesh that cannot be
    /// written (part of an imported model, or built in) is replaced by such an asset when the daemon changes it.
    /// </summary>
    public sealed class MeshStore
    {
        public const string Folder = "Assets/VibeSync";

        /// <summary>The largest mesh that is read again without a sign that it changed.</summary>
        const int SmallVertices = 20000;

        static ObjectKey holder;

        readonly Dictionary<string, int> placeOfUuid = new Dictionary<string, int>();
        readonly Dictionary<ObjectKey, int> placeOfMesh = new Dictionary<ObjectKey, int>();
        readonly Dictionary<string, int> dirtyCounts = new Dictionary<string, int>();
        ObjectKey noted;
        int notedCount = -1;

        /// <summary>The scene's own record; null when there is none and <paramref name="create"/> is false.</summary>
        public static VibeSyncScene SceneRecord(bool create)
        {
            VibeSyncScene known = holder.Resolve() as VibeSyncScene;
            if (known != null) { return known; }
            for (int i = 0; i < SceneManager.sceneCount; i++)
            {
                Scene scene = SceneManager.GetSceneAt(i);
                if (!scene.isLoaded) { continue; }
                foreach (GameObject root in scene.GetRootGameObjects())
                {
                    VibeSyncScene record = root.GetComponent<VibeSyncScene>();
                    if (record == null) { continue; }
                    holder = ObjectKey.Of(record);
                    return record;
                }
            }
            if (!create) { return null; }
            GameObject created = new GameObject("VibeSync") { hideFlags = HideFlags.HideInHierarchy };
            return created.AddComponent<VibeSyncScene>();
        }

        /// <summary>The uuids of all meshes that exist. A record whose mesh was destroyed is dropped.</summary>
        public List<string> Uuids()
        {
            List<string> uuids = new List<string>();
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return uuids; }
            record.Meshes.RemoveAll(identity => identity.Mesh == null);
            foreach (MeshIdentity identity in record.Meshes) { uuids.Add(identity.Uuid); }
            return uuids;
        }

        /// <summary>The identity with that uuid whose mesh exists, or null.</summary>
        public MeshIdentity Find(string uuid)
        {
            MeshIdentity found = Look(placeOfUuid, uuid, identity => identity.Uuid == uuid);
            return found == null || found.Mesh == null ? null : found;
        }

        /// <summary>The uuid of a mesh, or null when it has none.</summary>
        public string UuidOf(Mesh mesh)
        {
            return mesh == null ? null : Look(placeOfMesh, ObjectKey.Of(mesh), identity => identity.Mesh == mesh)?.Uuid;
        }

        /// <summary>
        /// Finds a record by its place in the list. The places are checked at each use and noted anew when the list is
        /// not as it was.
        /// </summary>
        MeshIdentity Look<T>(Dictionary<T, int> places, T key, System.Predicate<MeshIdentity> matches)
        {
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return null; }
            List<MeshIdentity> list = record.Meshes;
            if (!noted.Equals(ObjectKey.Of(record))) { notedCount = -1; }
            bool known = places.TryGetValue(key, out int place);
            if (known && place < list.Count && matches(list[place])) { return list[place]; }
            if (!known && notedCount == list.Count) { return null; }
            Note(list);
            noted = ObjectKey.Of(record);
            return places.TryGetValue(key, out place) ? list[place] : null;
        }

        void Note(List<MeshIdentity> list)
        {
            placeOfUuid.Clear();
            placeOfMesh.Clear();
            for (int i = 0; i < list.Count; i++)
            {
                placeOfUuid[list[i].Uuid] = i;
                if (list[i].Mesh != null) { placeOfMesh[ObjectKey.Of(list[i].Mesh)] = i; }
            }
            notedCount = list.Count;
        }

        /// <summary>Gives a mesh an identity, where it has none and its data can be read.</summary>
        public void Identify(Mesh mesh)
        {
            if (mesh == null || !mesh.isReadable || UuidOf(mesh) != null) { return; }
            Add(new MeshIdentity { Uuid = Uuid.New(), Mesh = mesh });
        }

        /// <summary>Gives a mesh a new uuid, with nothing known of it yet; null when no mesh has the old one.</summary>
        public string Renew(string uuid)
        {
            MeshIdentity identity = Find(uuid);
            if (identity == null) { return null; }
            identity.Uuid = Uuid.New();
            identity.Version = 0;
            identity.Digests = "";
            notedCount = -1;
            return identity.Uuid;
        }

        /// <summary>Whether a mesh was marked as changed, or is small enough to look at anyway.</summary>
        public bool MayHaveChanged(string uuid)
        {
            Mesh mesh = Find(uuid)?.Mesh;
            if (mesh == null) { return false; }
            int count = EditorUtility.GetDirtyCount(mesh);
            bool touched = !dirtyCounts.TryGetValue(uuid, out int known) || known != count;
            dirtyCounts[uuid] = count;
            return touched || mesh.vertexCount <= SmallVertices;
        }

        public Entity Read(MeshIdentity identity)
        {
            Entity entity = new Entity(identity.Uuid, Kinds.Mesh);
            entity.Set(NameComponent.FromEditor(identity.Mesh.name));
            entity.Set(MeshAccess.Read(identity.Mesh).ToCanonical());
            return entity;
        }

        /// <summary>Creates or changes a mesh.</summary>
        public void Write(Entity content, string label)
        {
            MeshComponent data = content.Find<MeshComponent>("mesh");
            NameComponent name = content.Find<NameComponent>("name");
            MeshIdentity identity = Find(content.Uuid);
            if (identity == null)
            {
                if (data == null) { throw new SyncException(ErrorCode.ComponentNotAllowed, "a new mesh has no data"); }
                Mesh created = new Mesh { name = name?.Name ?? "Mesh" };
                MeshAccess.Write(created, NativeMesh.FromCanonical(data));
                CreateAsset(created, content.Uuid);
                Add(new MeshIdentity { Uuid = content.Uuid, Mesh = created });
                return;
            }
            Mesh mesh = Writable(identity, label);
            Undo.RegisterCompleteObjectUndo(mesh, label);
            if (name != null) { mesh.name = name.Name; }
            if (data != null) { MeshAccess.Write(mesh, NativeMesh.FromCanonical(data)); }
            EditorUtility.SetDirty(mesh);
        }

        /// <summary>Deletes a mesh. A file that the user brought along stays; only its identity goes.</summary>
        public void Delete(MeshIdentity identity)
        {
            VibeSyncScene record = SceneRecord(true);
            string path = AssetDatabase.GetAssetPath(identity.Mesh);
            record.Meshes.Remove(identity);
            notedCount = -1;
            EditorUtility.SetDirty(record);
            if (path.Length == 0) { Undo.DestroyObjectImmediate(identity.Mesh); }
            else if (path.StartsWith(Folder + "/", System.StringComparison.Ordinal))
            {
                AssetDatabase.MoveAssetToTrash(path);
            }
        }

        void Add(MeshIdentity identity)
        {
            VibeSyncScene record = SceneRecord(true);
            record.Meshes.Add(identity);
            notedCount = -1;
            EditorUtility.SetDirty(record);
        }

        static void CreateAsset(Mesh mesh, string uuid)
        {
            if (!AssetDatabase.IsValidFolder(Folder)) { AssetDatabase.CreateFolder("Assets", "VibeSync"); }
            AssetDatabase.CreateAsset(mesh, Folder + "/" + uuid + ".asset");
        }

        /// <summary>
        /// The mesh itself, or a copy of it that takes its place everywhere, where it cannot be written.
        /// </summary>
        Mesh Writable(MeshIdentity identity, string label)
        {
            string path = AssetDatabase.GetAssetPath(identity.Mesh);
            if (path.Length == 0 || path.EndsWith(".asset", System.StringComparison.Ordinal)) { return identity.Mesh; }
            Mesh original = identity.Mesh;
            Mesh copy = new Mesh { name = original.name };
            MeshAccess.Write(copy, MeshAccess.Read(original));
            CreateAsset(copy, identity.Uuid);
            identity.Mesh = copy;
            notedCount = -1;
            foreach (GameObject holder in SceneIndex.AllGameObjects())
            {
                MeshFilter filter = holder.GetComponent<MeshFilter>();
                if (filter == null || filter.sharedMesh != original) { continue; }
                Undo.RecordObject(filter, label);
                filter.sharedMesh = copy;
            }
            return copy;
        }
    }
}
