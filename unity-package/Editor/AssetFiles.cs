using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>Creates, finds, saves and removes files with one asset of the daemon's each, in a folder of VibeSync.</summary>
    public abstract class AssetFiles<T> where T : Object
    {
        /// <summary>Seconds without a change before files are saved or removed, so that a stream of batches saves none.</summary>
        const double IdleSeconds = 1;

        /// <summary>The time budget for saving in a tick, in milliseconds; a tick saves at least one file.</summary>
        const double SaveMilliseconds = 2;

        readonly List<string> created = new List<string>();
        readonly HashSet<ObjectKey> unsaved = new HashSet<ObjectKey>();

        /// <summary>The assets that a batch deleted: their files go to the trash once nothing has changed for a while.</summary>
        readonly HashSet<ObjectKey> deleted = new HashSet<ObjectKey>();
        readonly Budget budget = new Budget(SaveMilliseconds);
        Dictionary<string, string> pathsByUuid;
        int indexedImports = -1;
        bool hasChanged;
        double changedAt;

        readonly string folder, extension;

        /// <param name="extension">The end of the names of the files.</param>
        protected AssetFiles(string folder, string extension)
        {
            this.folder = folder;
            this.extension = extension;
        }

        /// <summary>Grows with each import, move or deletion of a file that may have such an asset.</summary>
        protected abstract int ImportCount { get; }

        /// <summary>The search for such files in the asset database.</summary>
        protected abstract string Filter { get; }

        /// <summary>Returns the uuid of an asset of VibeSync's; null for one of the user's, such as a duplicate of ours.</summary>
        protected abstract string FindUuid(T asset);

        /// <summary>Creates a file with a new asset.</summary>
        /// <param name="other">The name of the file if nothing of <paramref name="name"/> can be one.</param>
        protected void Create(T made, string uuid, string name, string other)
        {
            AssetNames.MakeFolder(folder);
            string path = AssetDatabase.GenerateUniqueAssetPath(folder + "/" + AssetNames.MakeFileName(name, other) + extension);
            AssetDatabase.CreateAsset(made, path);
            created.Add(path);
            // The import of an own file changes nothing else in the index.
            if (pathsByUuid != null) { pathsByUuid[uuid] = path; }
            indexedImports = ImportCount;
        }

        /// <summary>Returns the asset of VibeSync's with that uuid; null if the project has none.</summary>
        public T Find(string uuid)
        {
            if (pathsByUuid == null) { Index(); }
            if (!pathsByUuid.TryGetValue(uuid, out string path)) { return null; }
            T found = AssetDatabase.LoadAssetAtPath<T>(path);
            return found != null && FindUuid(found) == uuid ? found : null;
        }

        /// <summary>Forgets the files that the batch before created, and the index after other imports.</summary>
        public void BeginBatch()
        {
            created.Clear();
            if (indexedImports != ImportCount) { pathsByUuid = null; }
        }

        /// <summary>Deletes the files that the batch created.</summary>
        public void RevertBatch()
        {
            foreach (string path in created) { AssetDatabase.DeleteAsset(path); }
            created.Clear();
        }

        /// <summary>Has the file of an asset saved soon.</summary>
        public void MarkChanged(T asset)
        {
            deleted.Remove(ObjectKey.Of(asset));
            unsaved.Add(ObjectKey.Of(asset));
            hasChanged = true;
        }

        /// <summary>Has the file of an asset moved to the trash soon, unless it changes before.</summary>
        public void MarkDeleted(T asset)
        {
            unsaved.Remove(ObjectKey.Of(asset));
            deleted.Add(ObjectKey.Of(asset));
            hasChanged = true;
        }

        /// <summary>Keeps the file of an asset that came back.</summary>
        public void Revive(T asset) => deleted.Remove(ObjectKey.Of(asset));

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
        /// <param name="others">More assets of VibeSync's, which somebody else may have changed.</param>
        public void SaveAll(IEnumerable<T> others)
        {
            foreach (T asset in others)
            {
                if (EditorUtility.IsDirty(asset)) { unsaved.Add(ObjectKey.Of(asset)); }
            }
            foreach (ObjectKey key in new List<ObjectKey>(unsaved)) { Save(key); }
        }

        void Save(ObjectKey key)
        {
            unsaved.Remove(key);
            Act(key, asset => AssetDatabase.SaveAssetIfDirty(asset));
        }

        void Remove(ObjectKey key)
        {
            deleted.Remove(key);
            Act(key, asset => AssetDatabase.MoveAssetToTrash(AssetDatabase.GetAssetPath(asset)));
        }

        void Act(ObjectKey key, Action<T> act)
        {
            T asset = key.Resolve() as T;
            if (asset == null || FindUuid(asset) == null) { return; }
            try
            {
                act(asset);
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
            indexedImports = ImportCount;
            if (!AssetDatabase.IsValidFolder(folder)) { return; }
            foreach (string guid in AssetDatabase.FindAssets(Filter, new[] { folder }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                T asset = AssetDatabase.LoadAssetAtPath<T>(path);
                string uuid = asset == null ? null : FindUuid(asset);
                if (uuid != null) { pathsByUuid[uuid] = path; }
            }
        }
    }
}
