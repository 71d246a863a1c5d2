using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>Creates, finds, saves and removes the files of materials from the daemon.</summary>
    public sealed class MaterialFiles
    {
        public const string Folder = MeshFiles.Folder + "/Materials";

        /// <summary>Seconds without a change before files are saved or removed, so that a stream of batches saves none.</summary>
        const double IdleSeconds = 1;

        /// <summary>The time budget for saving in a tick, in milliseconds; a tick saves at least one file.</summary>
        const double SaveMilliseconds = 2;

        readonly List<string> created = new List<string>();
        readonly HashSet<ObjectKey> unsaved = new HashSet<ObjectKey>();

        /// <summary>The materials that a batch deleted: their files go to the trash once nothing has changed for a while.</summary>
        readonly HashSet<ObjectKey> deleted = new HashSet<ObjectKey>();
        readonly Budget budget = new Budget(SaveMilliseconds);
        Dictionary<string, string> pathsByUuid;
        int indexedImports = -1;
        bool hasChanged;
        double changedAt;

        /// <summary>Returns the record inside of a material; null for one of the user's, such as a duplicate of ours.</summary>
        public static MaterialTag FindTag(Material material)
        {
            MaterialTag tag = MaterialTag.Parse(MaterialTag.ReadText(material));
            return tag != null && tag.Guid == AssetNames.FindGuid(material) ? tag : null;
        }

        /// <summary>Creates a file with a new material.</summary>
        public Material Create(string uuid, string name, Shader shader)
        {
            AssetNames.MakeFolder(Folder);
            Material made = new Material(shader);
            string path = AssetDatabase.GenerateUniqueAssetPath(Folder + "/" + AssetNames.MakeFileName(name, "Material") + ".mat");
            AssetDatabase.CreateAsset(made, path);
            created.Add(path);
            // The import of an own file changes nothing else in the index.
            if (pathsByUuid != null) { pathsByUuid[uuid] = path; }
            indexedImports = MaterialImports.Count;
            return made;
        }

        /// <summary>Returns the material of VibeSync's with that uuid; null if the project has none.</summary>
        public Material Find(string uuid)
        {
            if (pathsByUuid == null) { Index(); }
            if (!pathsByUuid.TryGetValue(uuid, out string path)) { return null; }
            Material found = AssetDatabase.LoadAssetAtPath<Material>(path);
            return found != null && FindTag(found)?.Uuid == uuid ? found : null;
        }

        /// <summary>Forgets the files that the batch before created, and the index after other imports.</summary>
        public void BeginBatch()
        {
            created.Clear();
            if (indexedImports != MaterialImports.Count) { pathsByUuid = null; }
        }

        /// <summary>Deletes the files that the batch created.</summary>
        public void RevertBatch()
        {
            foreach (string path in created) { AssetDatabase.DeleteAsset(path); }
            created.Clear();
        }

        /// <summary>Has the file of a material saved soon.</summary>
        public void MarkChanged(Material material)
        {
            deleted.Remove(ObjectKey.Of(material));
            unsaved.Add(ObjectKey.Of(material));
            hasChanged = true;
        }

        /// <summary>Has the file of a material moved to the trash soon, unless it changes before.</summary>
        public void MarkDeleted(Material material)
        {
            unsaved.Remove(ObjectKey.Of(material));
            deleted.Add(ObjectKey.Of(material));
            hasChanged = true;
        }

        /// <summary>Keeps the file of a material that came back.</summary>
        public void Revive(Material material) => deleted.Remove(ObjectKey.Of(material));

        /// <summary>Saves and removes files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdle(double now)
        {
            if (unsaved.Count + deleted.Count == 0) { return; }
            if (hasChanged) { changedAt = now; }
            hasChanged = false;
            if (now - changedAt < IdleSeconds) { return; }
            budget.Restart();
            while (unsaved.Count > 0 && !budget.IsSpent) { Save(unsaved.First()); }
            while (deleted.Count > 0 && !budget.IsSpent) { Remove(deleted.First()); }
        }

        /// <summary>Saves all changed files.</summary>
        /// <param name="others">More materials of VibeSync's, which somebody else may have changed.</param>
        public void SaveAll(IEnumerable<Material> others)
        {
            foreach (Material material in others)
            {
                if (EditorUtility.IsDirty(material)) { unsaved.Add(ObjectKey.Of(material)); }
            }
            foreach (ObjectKey key in new List<ObjectKey>(unsaved)) { Save(key); }
        }

        void Save(ObjectKey key)
        {
            unsaved.Remove(key);
            Act(key, material => AssetDatabase.SaveAssetIfDirty(material));
        }

        void Remove(ObjectKey key)
        {
            deleted.Remove(key);
            Act(key, material => AssetDatabase.MoveAssetToTrash(AssetDatabase.GetAssetPath(material)));
        }

        static void Act(ObjectKey key, Action<Material> act)
        {
            Material material = key.Resolve() as Material;
            if (material == null || FindTag(material) == null) { return; }
            try
            {
                act(material);
            }
            catch (Exception error)
            {
                // The other files must still be saved.
                Debug.LogException(error);
            }
        }

        void Index()
        {
            pathsByUuid = new Dictionary<string, string>();
            indexedImports = MaterialImports.Count;
            if (!AssetDatabase.IsValidFolder(Folder)) { return; }
            foreach (string guid in AssetDatabase.FindAssets("t:Material", new[] { Folder }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                Material material = AssetDatabase.LoadAssetAtPath<Material>(path);
                MaterialTag tag = material == null ? null : FindTag(material);
                if (tag != null) { pathsByUuid[tag.Uuid] = path; }
            }
        }
    }
}
