using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityFakes;

namespace UnityEditor
{
    public class SessionState
    {
        static readonly Dictionary<string, string> Values = new Dictionary<string, string>();

        public static void SetString(string key, string value) => Values[key] = value;

        public static string GetString(string key, string defaultValue)
        {
            return Values.TryGetValue(key, out string value) ? value : defaultValue;
        }

        public static void EraseString(string key) => Values.Remove(key);

        internal static void Reset() => Values.Clear();
    }

    public sealed class EditorPrefs
    {
        static readonly Dictionary<string, object> Values = new Dictionary<string, object>();

        public static bool GetBool(string key, bool defaultValue)
        {
            return Values.TryGetValue(key, out object value) ? (bool)value : defaultValue;
        }

        public static void SetBool(string key, bool value) => Values[key] = value;

        public static float GetFloat(string key, float defaultValue)
        {
            return Values.TryGetValue(key, out object value) ? (float)value : defaultValue;
        }

        public static void SetFloat(string key, float value) => Values[key] = value;

        internal static void Reset() => Values.Clear();
    }

    public class EditorUtility
    {
        internal static readonly Dictionary<int, int> DirtyCounts = new Dictionary<int, int>();

        /// <summary>The numbers of objects that changed since their asset file was written.</summary>
        internal static readonly HashSet<int> Unsaved = new HashSet<int>();

        public static void SetDirty(Object target)
        {
            Unsaved.Add(target.Id);
            DirtyCounts.TryGetValue(target.Id, out int count);
            DirtyCounts[target.Id] = count + 1;
            SceneData home = (target as GameObject ?? (target as Component)?.Owner)?.Home;
            if (home != null) { home.IsDirty = true; }
        }

        /// <summary>
        /// Creates an object that is in no scene if the flags say that it is not saved. The scene is not changed by it.
        /// </summary>
        public static GameObject CreateGameObjectWithHideFlags(string name, HideFlags flags, params System.Type[] components)
        {
            bool wasDirty = Engine.ActiveScene.IsDirty;
            GameObject made = new GameObject(name) { hideFlags = flags };
            if ((flags & HideFlags.DontSave) == HideFlags.DontSave)
            {
                made.Home.Roots.Remove(made);
                made.Home.IsDirty = wasDirty;
                made.Home = new SceneData { IsAsset = true };
                made.Home.Roots.Add(made);
            }
            foreach (System.Type type in components) { made.Attach((Component)System.Activator.CreateInstance(type)); }
            return made;
        }

        public static int GetDirtyCount(Object target) => DirtyCounts.TryGetValue(target.Id, out int count) ? count : 0;

        public static bool IsDirty(Object target) => Unsaved.Contains(target.Id);

        /// <summary>Reloads the domain at the end of the frame.</summary>
        public static void RequestScriptReload() => UnityFakes.Editor.IsReloadWanted = true;

        public static void RevealInFinder(string path) => UnityFakes.Editor.Revealed = path;

        public static bool IsPersistent(Object target) => AssetDatabase.Contains(target);

        /// <summary>Copies the state that undo would restore, which is the whole state of a fake.</summary>
        public static void CopySerialized(Object source, Object dest) => dest.Restore(source.Capture());

#if UNITY_6000_3_OR_NEWER
        public static Object EntityIdToObject(EntityId entityId) => Find(entityId.Number);
#endif
#if !UNITY_6000_5_OR_NEWER
#if UNITY_6000_3_OR_NEWER
        [System.Obsolete("InstanceIDToObject(int) is obsolete")]
#endif
        public static Object InstanceIDToObject(int instanceID) => Find(instanceID);
#endif

        static Object Find(int id)
        {
            Engine.Lookups++;
            return Engine.LoadedObjects.TryGetValue(id, out Object found) ? found : null;
        }
    }

    public sealed class EditorGUIUtility : GUIUtility
    {
        public static bool editingTextField { get; set; }
    }

    public sealed partial class Selection
    {
        internal static Transform[] All = new Transform[0];

        /// <summary>The selected assets.</summary>
        internal static Object[] Assets = new Object[0];

        /// <summary>All selected GameObjects, without destroyed ones; in Unity also those of assets.</summary>
        public static GameObject[] gameObjects => Present.Select(item => item.gameObject).ToArray();

        /// <summary>The top level of the selection: without objects below another selected one.</summary>
        public static Transform[] transforms => Present.Where(item => !IsBelowAny(item)).ToArray();

        static IEnumerable<Transform> Present => All.Where(item => item != null);

        static bool IsBelowAny(Transform item)
        {
            for (Transform above = item.parent; above != null; above = above.parent)
            {
                if (All.Contains(above)) { return true; }
            }
            return false;
        }
    }

    [System.Flags]
    public enum ImportAssetOptions
    {
        Default = 0,
        ForceUpdate = 1,
    }
}

namespace UnityEditor.MPE
{
    public enum ProcessLevel
    {
        Undefined = 0,
        Main = 1,
        Secondary = 2,
    }

    public class ProcessService
    {
        public static ProcessLevel level =>
            UnityFakes.Editor.IsSecondary ? ProcessLevel.Secondary : ProcessLevel.Main;
    }
}

namespace UnityEditorInternal
{
    public class InternalEditorUtility
    {
        public static bool isApplicationActive { get; internal set; } = true;
    }
}

namespace UnityEditor.SceneManagement
{
    public enum OpenSceneMode
    {
        Single,
        Additive,
        AdditiveWithoutLoading,
    }

    public class SceneSetup
    {
        public string path { get; set; }

        public bool isLoaded { get; set; }

        public bool isActive { get; set; }

        public bool isSubScene { get; set; }
    }

    public enum NewSceneSetup
    {
        EmptyScene,
        DefaultGameObjects,
    }

    public enum NewSceneMode
    {
        Single,
        Additive,
    }

    public sealed partial class EditorSceneManager : SceneManager
    {
        public delegate void SceneOpenedCallback(Scene scene, OpenSceneMode mode);

        public delegate void SceneClosingCallback(Scene scene, bool removingScene);

        public delegate void NewSceneCreatedCallback(Scene scene, NewSceneSetup setup, NewSceneMode mode);

        public delegate void SceneSavingCallback(Scene scene, string path);

        public delegate void SceneSavedCallback(Scene scene);

        public static event SceneSavingCallback sceneSaving;

        public static event SceneSavedCallback sceneSaved;

        public static event SceneOpenedCallback sceneOpened;

        public static event SceneClosingCallback sceneClosing;

        public static event NewSceneCreatedCallback newSceneCreated;

        /// <summary>Saves the open scene if the user wants to; returns false if the user cancels.</summary>
        public static bool SaveCurrentModifiedScenesIfUserWantsTo()
        {
            string path = Engine.ActiveScene.Path;
            if (UnityFakes.Editor.SavesScenes && path.Length > 0) { SaveScene(new Scene(Engine.ActiveScene), path); }
            return !UnityFakes.Editor.CancelsDialogs;
        }

        public static SceneSetup[] GetSceneManagerSetup() =>
            new[] { new SceneSetup { path = Engine.ActiveScene.Path, isLoaded = true, isActive = true } };

        public static void RestoreSceneManagerSetup(SceneSetup[] value)
        {
            if (value.Count(setup => setup.isActive) != 1 || value.Any(setup => setup.path.Length == 0))
            {
                throw new System.ArgumentException("invalid setup of scenes");
            }
            OpenScene(value.Single(setup => setup.isActive).path, OpenSceneMode.Single);
        }

        public static Scene NewScene(NewSceneSetup setup, NewSceneMode mode) => NewScene(setup);

        public static Scene NewScene(NewSceneSetup setup)
        {
            CloseAll();
            Engine.ActiveScene = new SceneData();
            Scene created = new Scene(Engine.ActiveScene);
            newSceneCreated?.Invoke(created, setup, NewSceneMode.Single);
            return created;
        }

        /// <summary>Opens a scene that <see cref="UnityFakes.SceneFile"/> wrote, instead of all others or beside them.</summary>
        public static Scene OpenScene(string scenePath, OpenSceneMode mode)
        {
            SceneData active = Engine.ActiveScene;
            if (mode == OpenSceneMode.Single) { CloseAll(); }
            SceneData opened = Engine.ActiveScene = new SceneData { Path = scenePath };
            SceneFile.Read(System.IO.Path.Combine(Engine.ProjectFolder, scenePath));
            opened.IsDirty = false;
            if (mode == OpenSceneMode.Single) { Undo.Reset(); }
            else
            {
                Engine.ActiveScene = active;
                Engine.OtherScenes.Add(opened);
            }
            sceneOpened?.Invoke(new Scene(opened), mode);
            return new Scene(opened);
        }

        public static bool CloseScene(Scene scene, bool removeScene)
        {
            sceneClosing?.Invoke(scene, removeScene);
            Engine.OtherScenes.Remove(scene.Data);
            scene.Data.Destroy();
            return true;
        }

        /// <summary>
        /// Saves a scene. Unity raises the first event before it writes the file, and the second one after the scene has
        /// its path; not if the file could not be written. The path is relative to the project, and its folder exists.
        /// </summary>
        public static bool SaveScene(Scene scene, string dstScenePath)
        {
            if (EditorApplication.isPlaying)
            {
                throw new System.InvalidOperationException("This cannot be used during play mode.");
            }
            string full = System.IO.Path.Combine(Engine.ProjectFolder, dstScenePath);
            if (!System.IO.Directory.Exists(System.IO.Path.GetDirectoryName(full))) { return false; }
            sceneSaving?.Invoke(scene, dstScenePath);
            SceneFile.Write(full, scene.Data.Roots);
            scene.Data.Path = dstScenePath;
            scene.Data.IsDirty = false;
            sceneSaved?.Invoke(scene);
            return true;
        }

        static void CloseAll()
        {
            foreach (SceneData open in Engine.OtherScenes.Append(Engine.ActiveScene).ToList())
            {
                sceneClosing?.Invoke(new Scene(open), true);
                open.Destroy();
            }
            Engine.OtherScenes.Clear();
        }

        internal static void ClearHandlers()
        {
            sceneSaving = null;
            sceneSaved = null;
            sceneOpened = null;
            sceneClosing = null;
            newSceneCreated = null;
        }
    }
}
