using System.Collections.Generic;
using System.Globalization;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Holds the registry of the open scenes. Reads it from the scene or its sidecar, writes it to both when the scene
    /// is saved, and keeps it over domain reloads. It works as long as the package is loaded, also while the bridge is
    /// paused.
    /// </summary>
    public static class SceneRegistry
    {
        const string StateKey = "VibeSync.Registry";
        const string InScene = "scene";
        const string InSidecar = "sidecar";

        static Registry current;
        static SyncException problem;
        static bool isLoaded;

        /// <summary>The record that the registry belongs to; none before the first scene has one.</summary>
        static ObjectKey owner;
        static Scene savingScene;
        static string savingPath;
        static string savingText;

        /// <summary>
        /// The registry of the open scenes. Throws VS-7001 if all copies are damaged, VS-5008 if a newer package wrote
        /// one.
        /// </summary>
        public static Registry Current
        {
            get
            {
                if (!isLoaded) { Load(); }
                return problem == null ? current : throw problem;
            }
        }

        /// <summary>Follows what happens to the scenes, until the domain is reloaded.</summary>
        public static void Attach()
        {
            EditorSceneManager.sceneSaving += OnSaving;
            EditorSceneManager.sceneSaved += OnSaved;
            EditorSceneManager.sceneOpened += OnOpened;
            EditorSceneManager.sceneClosing += OnClosing;
            EditorSceneManager.newSceneCreated += OnNew;
            AssemblyReloadEvents.beforeAssemblyReload += Keep;
        }

        /// <summary>Follows the scenes no longer, and forgets the registry.</summary>
        internal static void Detach()
        {
            EditorSceneManager.sceneSaving -= OnSaving;
            EditorSceneManager.sceneSaved -= OnSaved;
            EditorSceneManager.sceneOpened -= OnOpened;
            EditorSceneManager.sceneClosing -= OnClosing;
            EditorSceneManager.newSceneCreated -= OnNew;
            AssemblyReloadEvents.beforeAssemblyReload -= Keep;
            current = null;
            problem = null;
            isLoaded = false;
        }

        /// <summary>Marks the scene that has the record as changed, so that Unity saves it.</summary>
        public static void MarkSceneChanged()
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(true);
            owner = ObjectKey.Of(record);
            EditorUtility.SetDirty(record);
        }

        /// <summary>
        /// Starts with an empty registry, instead of a damaged one or to leave the project. Objects and meshes keep
        /// their uuids.
        /// </summary>
        public static void Clear()
        {
            current = new Registry();
            problem = null;
            isLoaded = true;
            MarkSceneChanged();
        }

        static void Load()
        {
            isLoaded = true;
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            ObjectKey found = record == null ? default : ObjectKey.Of(record);
            // Another scene was opened or closed beside the one that has the record.
            if (current != null && !current.IsEmpty && record != null && found.Equals(owner)) { return; }
            owner = found;
            problem = null;
            string kept = SessionState.GetString(StateKey, "");
            SessionState.EraseString(StateKey);
            try
            {
                current = ReadKept(kept) ?? ReadCopies(record) ?? new Registry();
            }
            catch (SyncException error)
            {
                current = null;
                problem = error;
            }
        }

        /// <summary>Returns the registry from before a domain reload, or null.</summary>
        static Registry ReadKept(string text)
        {
            try
            {
                return text.Length == 0 ? null : RegistryDocument.Read(text, "session");
            }
            catch (SyncException)
            {
                return null;
            }
        }

        static Registry ReadCopies(VibeSyncScene record)
        {
            if (record != null && record.Format > VibeSyncScene.KnownFormat)
            {
                throw new SyncException(ErrorCode.NewerFormat, "a newer VibeSync wrote this scene, in format "
                    + record.Format.ToString(CultureInfo.InvariantCulture) + "; this one reads up to "
                    + VibeSyncScene.KnownFormat.ToString(CultureInfo.InvariantCulture), InScene);
            }
            string inScene = record == null || record.Registry.Length == 0 ? null : record.Registry;
            if (inScene == null && FormatOne.Exists(record)) { return FormatOne.Read(record); }
            List<SyncException> problems = new List<SyncException>();
            Registry read = RegistryDocument.ReadFirst(new[]
            {
                new KeyValuePair<string, string>(InScene, inScene),
                new KeyValuePair<string, string>(InSidecar, RegistrySidecar.Read(GetScene(record).path)),
            }, problems);
            foreach (SyncException error in problems)
            {
                Debug.LogError("VibeSync " + error + "; the sidecar is used instead");
                // The next save then mends the copy.
                EditorUtility.SetDirty(record);
            }
            return read;
        }

        static Scene GetScene(VibeSyncScene record)
        {
            return record == null ? SceneManager.GetActiveScene() : record.gameObject.scene;
        }

        /// <summary>
        /// Writes the registry into the scene, before Unity saves it. Damaged or newer copies stay as they are.
        /// </summary>
        static void OnSaving(Scene scene, string path)
        {
            string text = null;
            savingText = null;
            if (EditorApplication.isPlaying) { return; }
            if (!isLoaded) { Load(); }
            if (problem != null) { return; }
            if (MeshRecords.GetSceneRecord(false) != null || !current.IsEmpty)
            {
                MarkSceneChanged();
                VibeSyncScene record = MeshRecords.GetSceneRecord(false);
                if (!record.gameObject.scene.Equals(scene)) { return; }
                FormatOne.Clear(record);
                record.Format = VibeSyncScene.KnownFormat;
                record.Registry = text = RegistryDocument.Write(current);
            }
            // The sidecar of another scene, which had this path before, must not count as the one of this scene.
            else if (RegistrySidecar.Read(path) == null) { return; }
            (savingScene, savingPath, savingText) = (scene, path, text ?? RegistryDocument.Write(current));
        }

        /// <summary>Writes the sidecar, after Unity saved the scene.</summary>
        static void OnSaved(Scene scene)
        {
            if (savingText == null || !scene.Equals(savingScene)) { return; }
            RegistrySidecar.Write(savingPath, savingText);
            savingText = null;
        }

        static void OnOpened(Scene scene, OpenSceneMode mode)
        {
            if (scene.isLoaded) { Identities.Prune(scene); }
            LoadAnew();
        }

        static void OnClosing(Scene scene, bool isRemoving) => LoadAnew();

        static void OnNew(Scene scene, NewSceneSetup setup, NewSceneMode mode) => LoadAnew();

        /// <summary>The next access reads the registry, unless the same record is still there.</summary>
        static void LoadAnew() => isLoaded = false;

        /// <summary>Keeps the registry over a domain reload.</summary>
        internal static void Keep()
        {
            if (isLoaded && current != null) { SessionState.SetString(StateKey, RegistryDocument.Write(current)); }
        }
    }
}
