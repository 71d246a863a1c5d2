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

        public static void SetDirty(Object target)
        {
            DirtyCounts.TryGetValue(target.Id, out int count);
            DirtyCounts[target.Id] = count + 1;
        }

        public static int GetDirtyCount(Object target) => DirtyCounts.TryGetValue(target.Id, out int count) ? count : 0;

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

        static Object Find(int id) => Engine.LoadedObjects.TryGetValue(id, out Object found) ? found : null;
    }

    public sealed class EditorGUIUtility : GUIUtility
    {
        public static bool editingTextField { get; set; }
    }

    public sealed partial class Selection
    {
        internal static Transform[] All = new Transform[0];

        /// <summary>All selected GameObjects; in Unity also those of assets.</summary>
        public static GameObject[] gameObjects => All.Select(item => item.gameObject).ToArray();

        /// <summary>The top level of the selection: without objects below another selected one.</summary>
        public static Transform[] transforms => All.Where(item => !IsBelowAny(item)).ToArray();

        static bool IsBelowAny(Transform item)
        {
            for (Transform above = item.parent; above != null; above = above.parent)
            {
                if (All.Contains(above)) { return true; }
            }
            return false;
        }
    }

    public sealed class AssetDatabase
    {
        public static bool IsAssetImportWorkerProcess() => UnityFakes.Editor.IsImportWorker;

        public static void CreateAsset(Object asset, string path)
        {
            string folder = path.Substring(0, path.LastIndexOf('/'));
            if (!IsValidFolder(folder)) { throw new System.ArgumentException("no such folder: " + folder); }
            Engine.Assets[path] = asset;
        }

        public static bool DeleteAsset(string path)
        {
            if (!Engine.Assets.TryGetValue(path, out Object asset)) { return false; }
            Engine.Assets.Remove(path);
            asset.Destroy();
            return true;
        }

        public static T LoadAssetAtPath<T>(string assetPath) where T : Object
        {
            return Engine.Assets.TryGetValue(assetPath, out Object found) ? found as T : null;
        }

        public static bool Contains(Object obj) => GetAssetPath(obj).Length > 0;

        public static string GetAssetPath(Object assetObject)
        {
            return Engine.Assets.FirstOrDefault(asset => ReferenceEquals(asset.Value, assetObject)).Key ?? "";
        }

        public static bool IsValidFolder(string path) => path == "Assets" || Engine.Folders.Contains(path);

        public static string CreateFolder(string parentFolder, string newFolderName)
        {
            Engine.Folders.Add(parentFolder + "/" + newFolderName);
            return "0123456789abcdef0123456789abcdef";
        }

        public static bool MoveAssetToTrash(string path)
        {
            if (!Engine.Assets.TryGetValue(path, out Object asset)) { return false; }
            Engine.Assets.Remove(path);
            asset.Destroy();
            return true;
        }

        public static T GetBuiltinExtraResource<T>(string path) where T : Object
        {
            if (!Engine.Assets.TryGetValue(path, out Object found))
            {
                Engine.Assets[path] = found = new Material { name = path };
            }
            return (T)found;
        }
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

        public static Scene NewScene(NewSceneSetup setup)
        {
            sceneClosing?.Invoke(new Scene(Engine.ActiveScene), true);
            Engine.ActiveScene.Destroy();
            Engine.ActiveScene = new SceneData();
            Scene created = new Scene(Engine.ActiveScene);
            newSceneCreated?.Invoke(created, setup, NewSceneMode.Single);
            return created;
        }

        /// <summary>Closes the open scene and opens one that <see cref="UnityFakes.SceneFile"/> wrote.</summary>
        internal static void Open(string path)
        {
            sceneClosing?.Invoke(new Scene(Engine.ActiveScene), true);
            Engine.ActiveScene.Destroy();
            Engine.ActiveScene = new SceneData { Path = path };
            SceneFile.Read(path);
            sceneOpened?.Invoke(new Scene(Engine.ActiveScene), OpenSceneMode.Single);
        }

        /// <summary>
        /// Saves the open scene. Unity raises the first event before it writes the file, and the second one after the
        /// scene has its path; not if the file could not be written.
        /// </summary>
        internal static void Save(string path)
        {
            if (EditorApplication.isPlaying)
            {
                throw new System.InvalidOperationException("This cannot be used during play mode.");
            }
            sceneSaving?.Invoke(new Scene(Engine.ActiveScene), path);
            SceneFile.Write(path, Engine.ActiveScene.Roots);
            Engine.ActiveScene.Path = path;
            sceneSaved?.Invoke(new Scene(Engine.ActiveScene));
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
