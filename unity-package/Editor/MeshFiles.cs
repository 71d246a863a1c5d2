using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Creates, upgrades and saves the asset files of meshes from the daemon. A file is named by the uuid; its main
    /// object is a <see cref="VibeSyncMeshAsset"/>, and the mesh is below it.
    /// </summary>
    public sealed class MeshFiles
    {
        public const string Folder = "Assets/VibeSync";

        /// <summary>Seconds without a change before files are saved, so that a stream of batches saves none.</summary>
        const double IdleSeconds = 1;

        /// <summary>The time budget for saving in a tick, in milliseconds; a tick saves at least one file.</summary>
        const double SaveMilliseconds = 2;

        readonly List<string> created = new List<string>();
        readonly HashSet<ObjectKey> unsaved = new HashSet<ObjectKey>();
        readonly Budget budget = new Budget(SaveMilliseconds);
        readonly Action<Mesh> beforeSave;
        bool hasChanged;
        double changedAt;

        /// <param name="beforeSave">Ends the preview of a mesh: no file may hold one.</param>
        public MeshFiles(Action<Mesh> beforeSave)
        {
            this.beforeSave = beforeSave;
        }

        /// <summary>Returns whether a mesh is in a file of the folder.</summary>
        public static bool IsOwn(Mesh mesh) =>
            AssetDatabase.GetAssetPath(mesh).StartsWith(Folder + "/", StringComparison.Ordinal);

        /// <summary>Returns the main object of a mesh's file; null if the file is another one or of the older layout.</summary>
        public static VibeSyncMeshAsset FindMain(Mesh mesh)
        {
            // Loading the main object of a model would load the whole model.
            if (!IsOwn(mesh)) { return null; }
            return AssetDatabase.LoadMainAssetAtPath(AssetDatabase.GetAssetPath(mesh)) as VibeSyncMeshAsset;
        }

        /// <summary>
        /// Returns the mesh of a uuid's file. Uses the file of an earlier session if there is one, so that its .meta
        /// file and all references to it stay valid.
        /// </summary>
        /// <param name="name">The name of a new mesh.</param>
        /// <param name="isFree">Returns false for a mesh that has another uuid, after a person renamed files.</param>
        public Mesh Open(string uuid, string name, Predicate<Mesh> isFree)
        {
            string path = Folder + "/" + uuid + ".asset";
            Mesh existing = AssetDatabase.LoadAssetAtPath<Mesh>(path);
            if (existing != null && isFree(existing))
            {
                Upgrade(existing, uuid);
                return existing;
            }
            Object main = AssetDatabase.LoadMainAssetAtPath(path);
            bool isTaken = existing != null || (main != null && !(main is VibeSyncMeshAsset));
            if (isTaken) { path = AssetDatabase.GenerateUniqueAssetPath(path); }
            if (isTaken || main == null) { main = CreateFile(path, uuid); }
            Mesh made = new Mesh { name = name };
            AssetDatabase.AddObjectToAsset(made, main);
            return made;
        }

        /// <summary>
        /// Brings the file of a mesh to the present layout: an earlier package made the mesh the main object. The mesh
        /// keeps its number in the file, so references stay valid. A copy that a person made gets the uuid of its mesh.
        /// </summary>
        public static void Upgrade(Mesh mesh, string uuid)
        {
            VibeSyncMeshAsset known = FindMain(mesh);
            if (known != null)
            {
                if (known.Uuid == uuid) { return; }
                known.Uuid = uuid;
                EditorUtility.SetDirty(known);
                return;
            }
            if (!AssetDatabase.IsMainAsset(mesh)) { return; }
            string path = AssetDatabase.GetAssetPath(mesh);
            VibeSyncMeshAsset main = CreateMain(uuid);
            main.name = Path.GetFileNameWithoutExtension(path);
            AssetDatabase.AddObjectToAsset(main, mesh);
            AssetDatabase.SetMainObject(main, path);
            // An import reads the file, so everything must be in it before.
            EditorUtility.SetDirty(mesh);
            AssetDatabase.SaveAssetIfDirty(mesh);
            AssetDatabase.ImportAsset(path);
        }

        /// <summary>Forgets the files that the batch before created.</summary>
        public void BeginBatch() => created.Clear();

        /// <summary>Deletes the files that the batch created.</summary>
        public void RevertBatch()
        {
            foreach (string path in created) { AssetDatabase.DeleteAsset(path); }
            created.Clear();
        }

        /// <summary>Notes the state that daemon and editor share in the file of a mesh, if it is in the folder.</summary>
        public void SaveRecord(Mesh mesh, string digests)
        {
            if (!IsOwn(mesh)) { return; }
            VibeSyncMeshAsset main = FindMain(mesh);
            if (main != null)
            {
                main.Digests = digests;
                EditorUtility.SetDirty(main);
            }
            // A tool may have changed the mesh without a mark; a save would leave that out.
            if (!EditorUtility.IsDirty(mesh)) { EditorUtility.SetDirty(mesh); }
            MarkChanged(mesh);
        }

        /// <summary>Has the file of a mesh saved soon.</summary>
        public void MarkChanged(Mesh mesh)
        {
            unsaved.Add(ObjectKey.Of(mesh));
            hasChanged = true;
        }

        /// <summary>Saves changed files, some in each tick, once nothing has changed for a while.</summary>
        public void SaveIdle(double now)
        {
            if (unsaved.Count == 0) { return; }
            if (hasChanged) { changedAt = now; }
            hasChanged = false;
            if (now - changedAt < IdleSeconds) { return; }
            budget.Restart();
            while (unsaved.Count > 0 && !budget.IsSpent) { Save(unsaved.First()); }
        }

        /// <summary>Saves all changed files.</summary>
        /// <param name="others">More meshes, which somebody else may have changed.</param>
        public void SaveAll(IEnumerable<Mesh> others)
        {
            foreach (Mesh mesh in others)
            {
                if (EditorUtility.IsDirty(mesh) && IsOwn(mesh)) { unsaved.Add(ObjectKey.Of(mesh)); }
            }
            foreach (ObjectKey key in new List<ObjectKey>(unsaved)) { Save(key); }
        }

        void Save(ObjectKey key)
        {
            unsaved.Remove(key);
            Mesh mesh = key.Resolve() as Mesh;
            if (mesh == null || !IsOwn(mesh)) { return; }
            try
            {
                beforeSave(mesh);
                AssetDatabase.SaveAssetIfDirty(mesh);
            }
            catch (Exception error)
            {
                // The other files must still be saved.
                Debug.LogException(error);
            }
        }

        VibeSyncMeshAsset CreateFile(string path, string uuid)
        {
            if (!AssetDatabase.IsValidFolder(Folder)) { AssetDatabase.CreateFolder("Assets", "VibeSync"); }
            VibeSyncMeshAsset main = CreateMain(uuid);
            AssetDatabase.CreateAsset(main, path);
            created.Add(path);
            return main;
        }

        static VibeSyncMeshAsset CreateMain(string uuid)
        {
            VibeSyncMeshAsset main = ScriptableObject.CreateInstance<VibeSyncMeshAsset>();
            main.Uuid = uuid;
            return main;
        }
    }
}
