using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>Which mesh has which uuid, as the scene's own record keeps it.</summary>
    public sealed class MeshRecords
    {
        static ObjectKey holder;

        readonly Dictionary<string, int> placeOfUuid = new Dictionary<string, int>();
        readonly Dictionary<ObjectKey, int> placeOfMesh = new Dictionary<ObjectKey, int>();
        readonly Dictionary<ObjectKey, string> gone = new Dictionary<ObjectKey, string>();
        ObjectKey noted;
        int notedCount = -1;

        /// <summary>The scene's own record; null when there is none and <paramref name="create"/> is false.</summary>
        public static VibeSyncScene SceneRecord(bool create)
        {
            VibeSyncScene known = holder.Resolve() as VibeSyncScene;
            if (known != null) { return known; }
            foreach (GameObject root in OpenScenes.Roots())
            {
                VibeSyncScene record = root.GetComponent<VibeSyncScene>();
                if (record == null) { continue; }
                holder = ObjectKey.Of(record);
                return record;
            }
            if (!create) { return null; }
            GameObject created = new GameObject("VibeSync") { hideFlags = HideFlags.HideInHierarchy };
            VibeSyncScene made = created.AddComponent<VibeSyncScene>();
            holder = ObjectKey.Of(made);
            return made;
        }

        /// <summary>The uuids of all meshes that exist.</summary>
        public List<string> Uuids()
        {
            List<string> uuids = new List<string>();
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return uuids; }
            foreach (MeshIdentity identity in record.Meshes)
            {
                if (identity.Mesh != null) { uuids.Add(identity.Uuid); }
            }
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
        /// Gives a mesh an identity, where it has none and its data can be read. A mesh that an undo brought back gets
        /// the one that it had.
        /// </summary>
        public void Identify(Mesh mesh, ICollection<string> fresh)
        {
            if (mesh == null || !mesh.isReadable || UuidOf(mesh) != null) { return; }
            string uuid = gone.TryGetValue(ObjectKey.Of(mesh), out string former) && Find(former) == null ? former
                : Uuid.New();
            Add(new MeshIdentity { Uuid = uuid, Mesh = mesh });
            fresh.Add(uuid);
        }

        /// <summary>Adds an identity, in the place of one with the same uuid whose mesh is gone.</summary>
        public void Add(MeshIdentity identity)
        {
            VibeSyncScene record = SceneRecord(true);
            List<MeshIdentity> list = Noted(record);
            if (placeOfUuid.TryGetValue(identity.Uuid, out int place)) { list[place] = identity; }
            else
            {
                place = list.Count;
                list.Add(identity);
            }
            notedCount = list.Count;
            placeOfUuid[identity.Uuid] = place;
            placeOfMesh[ObjectKey.Of(identity.Mesh)] = place;
            EditorUtility.SetDirty(record);
        }

        /// <summary>Takes the identity from a mesh that is being deleted.</summary>
        public void Remove(MeshIdentity identity)
        {
            VibeSyncScene record = SceneRecord(true);
            if (identity.Mesh != null) { gone[ObjectKey.Of(identity.Mesh)] = identity.Uuid; }
            record.Meshes.Remove(identity);
            Changed(record);
        }

        /// <summary>Drops what was destroyed without a word, remembering it in case that is undone.</summary>
        public void Prune()
        {
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return; }
            List<MeshIdentity> list = Noted(record);
            foreach (KeyValuePair<ObjectKey, int> known in placeOfMesh)
            {
                if (list[known.Value].Mesh == null) { gone[known.Key] = list[known.Value].Uuid; }
            }
            if (list.RemoveAll(identity => identity.Mesh == null) > 0) { Changed(record); }
        }

        /// <summary>Gives a mesh a new uuid, with nothing known of it yet; null when no mesh has the old one.</summary>
        public string Renew(string uuid)
        {
            MeshIdentity identity = Find(uuid);
            if (identity == null) { return null; }
            identity.Uuid = Uuid.New();
            identity.Version = 0;
            identity.Digests = "";
            Changed(SceneRecord(true));
            return identity.Uuid;
        }

        /// <summary>Puts another mesh in the place of one.</summary>
        public void Replace(MeshIdentity identity, Mesh mesh)
        {
            identity.Mesh = mesh;
            Changed(SceneRecord(true));
        }

        /// <summary>Which meshes there are now, for <see cref="Return"/>.</summary>
        public List<KeyValuePair<MeshIdentity, Mesh>> Take()
        {
            List<KeyValuePair<MeshIdentity, Mesh>> taken = new List<KeyValuePair<MeshIdentity, Mesh>>();
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return taken; }
            foreach (MeshIdentity identity in record.Meshes)
            {
                taken.Add(new KeyValuePair<MeshIdentity, Mesh>(identity, identity.Mesh));
            }
            return taken;
        }

        /// <summary>Goes back to the meshes that there were.</summary>
        public void Return(List<KeyValuePair<MeshIdentity, Mesh>> taken)
        {
            VibeSyncScene record = SceneRecord(true);
            record.Meshes.Clear();
            foreach (KeyValuePair<MeshIdentity, Mesh> known in taken)
            {
                known.Key.Mesh = known.Value;
                record.Meshes.Add(known.Key);
            }
            Changed(record);
        }

        void Changed(VibeSyncScene record)
        {
            notedCount = -1;
            EditorUtility.SetDirty(record);
        }

        /// <summary>
        /// Finds a record by its place in the list. The places are checked at each use and noted anew when the list is
        /// not the one that they are of.
        /// </summary>
        MeshIdentity Look<T>(Dictionary<T, int> places, T key, Predicate<MeshIdentity> matches)
        {
            VibeSyncScene record = SceneRecord(false);
            if (record == null) { return null; }
            List<MeshIdentity> list = Noted(record);
            if (!places.TryGetValue(key, out int place)) { return null; }
            if (matches(list[place])) { return list[place]; }
            Note(list);
            return places.TryGetValue(key, out place) ? list[place] : null;
        }

        List<MeshIdentity> Noted(VibeSyncScene record)
        {
            if (!noted.Equals(ObjectKey.Of(record)) || notedCount != record.Meshes.Count) { Note(record.Meshes); }
            noted = ObjectKey.Of(record);
            return record.Meshes;
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
    }
}
