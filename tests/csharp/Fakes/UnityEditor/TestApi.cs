using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityFakes;
using Object = UnityEngine.Object;

// The calls of Unity that only the tests and the self-test of the package use.
namespace UnityEditor
{
    [Flags]
    public enum EnterPlayModeOptions
    {
        None = 0,
        DisableDomainReload = 1,
        DisableSceneReload = 2,
    }

    public sealed class EditorSettings : Object
    {
        EditorSettings()
        {
        }

        public static bool enterPlayModeOptionsEnabled { get; set; }

        public static EnterPlayModeOptions enterPlayModeOptions { get; set; }
    }

    public static class Unsupported
    {
        public static void DuplicateGameObjectsUsingPasteboard() =>
            UnityFakes.Editor.SetSelection(Selection.gameObjects.Select(item =>
                UnityFakes.Editor.Duplicate(item).transform).ToArray());
    }

    public sealed class PropertyModification
    {
        public Object target;

        public string propertyPath;

        public string value;
    }

    public partial class Selection
    {
        public static GameObject activeGameObject => gameObjects.FirstOrDefault();

        public static Object[] objects
        {
            get => gameObjects.Concat(Assets).ToArray();
            set
            {
                Undo.Select(value.OfType<GameObject>().Select(item => item.transform).ToArray());
                Assets = value.Where(item => !(item is GameObject)).ToArray();
            }
        }
    }

    public partial class Undo
    {
        public static void ClearAll() => Reset();

        internal static void GetRecords(List<string> undoRecords, List<string> redoRecords)
        {
            Flush();
            undoRecords.AddRange(Done.GroupBy(step => step.Group).Select(steps => steps.Last().Name));
        }
    }

    public partial class PrefabUtility
    {
        public static string GetPrefabAssetPathOfNearestInstanceRoot(Object instanceComponentOrGameObject) =>
            PrefabAssets.FindPath(instanceComponentOrGameObject);

        /// <summary>Returns one property of each recorded object; Unity returns all that differ.</summary>
        public static PropertyModification[] GetPropertyModifications(Object targetPrefab) =>
            Recorded.Where(Engine.LoadedObjects.ContainsKey).Select(id => Describe(Engine.LoadedObjects[id])).ToArray();

        static PropertyModification Describe(Object target)
        {
            float x = target is Transform moved ? moved.localPosition.x : 0;
            string value = x.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return new PropertyModification { target = PrefabAssets.FindSource(target), propertyPath = "m_LocalPosition.x", value = value };
        }
    }
}

namespace UnityEditor.SceneManagement
{
    public sealed partial class EditorSceneManager
    {
        public static Scene OpenScene(string scenePath)
        {
            UnityFakes.Editor.OpenScene(scenePath);
            return SceneManager.GetActiveScene();
        }
    }

    public static partial class PrefabStageUtility
    {
        public static PrefabStage OpenPrefab(string prefabAssetPath) => Current = new PrefabStage();
    }

    public static class StageUtility
    {
        public static void GoToMainStage() => UnityFakes.Editor.SetPrefabStage(false);
    }
}
