using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityFakes;
using Object = UnityEngine.Object;

namespace UnityEditor.SceneManagement
{
    public abstract class PrefabOverride
    {
    }

    public class AddedComponent : PrefabOverride
    {
        public Component instanceComponent { get; set; }
    }

#if UNITY_2022_2_OR_NEWER
    public class RemovedGameObject : PrefabOverride
    {
        public GameObject assetGameObject { get; set; }

        public GameObject parentOfRemovedGameObjectInInstance { get; set; }
    }
#endif
}

namespace UnityEditor
{
    public enum InteractionMode
    {
        AutomatedAction,
        UserAction,
    }

    public enum PrefabUnpackMode
    {
        OutermostRoot = 0,
        Completely = 1,
    }

    /// <summary>Prefab assets and their instances, without prefabs inside prefabs.</summary>
    public sealed partial class PrefabUtility
    {
        /// <summary>
        /// The numbers of objects whose overrides were recorded; a save would lose all other overrides.
        /// </summary>
        internal static readonly HashSet<int> Recorded = new HashSet<int>();

        /// <summary>Returns the object of the prefab asset; null for objects and components that were added.</summary>
        public static TObject GetCorrespondingObjectFromSource<TObject>(TObject componentOrGameObject)
            where TObject : Object
        {
            Object source = PrefabAssets.FindSource(componentOrGameObject);
            return source == null ? null : (TObject)source;
        }

        public static bool IsPartOfPrefabInstance(Object componentOrGameObject) =>
            PrefabAssets.FindSource(OwnerOf(componentOrGameObject)) != null;

        public static bool IsOutermostPrefabInstanceRoot(GameObject gameObject) => PrefabAssets.IsRoot(gameObject);

        public static GameObject GetOutermostPrefabInstanceRoot(Object componentOrGameObject)
        {
            GameObject owner = OwnerOf(componentOrGameObject);
            while (IsInside(owner)) { owner = owner.transform.parent.gameObject; }
            return PrefabAssets.IsRoot(owner) ? owner : null;
        }

        public static void RecordPrefabInstancePropertyModifications(Object targetObject)
        {
            if (UnityFakes.Faults.LosesOverrides) { return; }
            if (!IsPartOfPrefabInstance(targetObject)) { throw new ArgumentException("no part of an instance"); }
            Recorded.Add(targetObject.Id);
        }

        public static GameObject SaveAsPrefabAssetAndConnect(GameObject instanceRoot, string assetPath,
            InteractionMode action)
        {
            if (IsPartOfPrefabInstance(instanceRoot)) { throw new ArgumentException("already an instance"); }
            return PrefabAssets.Create(instanceRoot, assetPath);
        }

        public static Object InstantiatePrefab(Object assetComponentOrGameObject) =>
            PrefabAssets.Instantiate((GameObject)assetComponentOrGameObject);

        public static void ApplyPrefabInstance(GameObject instanceRoot, InteractionMode action)
        {
            CheckRoot(instanceRoot);
            PrefabAssets.Apply(instanceRoot);
        }

        public static void RevertPrefabInstance(GameObject instanceRoot, InteractionMode action)
        {
            CheckRoot(instanceRoot);
            PrefabAssets.Revert(instanceRoot);
        }

        public static void UnpackPrefabInstance(GameObject instanceRoot, PrefabUnpackMode unpackMode,
            InteractionMode action)
        {
            CheckRoot(instanceRoot);
            PrefabAssets.Unpack(instanceRoot);
        }

        /// <summary>Components that are not saved are no overrides.</summary>
        public static List<AddedComponent> GetAddedComponents(GameObject prefabInstance)
        {
            CheckRoot(prefabInstance);
            return PrefabAssets.GetParts(prefabInstance).SelectMany(part => part.Components)
                .Where(PrefabAssets.IsAdded).Select(added => new AddedComponent { instanceComponent = added }).ToList();
        }

#if UNITY_2022_2_OR_NEWER
        public static List<RemovedGameObject> GetRemovedGameObjects(GameObject prefabInstance)
        {
            CheckRoot(prefabInstance);
            return PrefabAssets.GetParts(prefabInstance).SelectMany(part => PrefabAssets.GetRemoved(part)
                .Select(removed => new RemovedGameObject
                {
                    assetGameObject = removed, parentOfRemovedGameObjectInInstance = part,
                })).ToList();
        }
#endif

        /// <summary>Throws if Unity forbids to give an object another parent.</summary>
        internal static void RefuseMove(GameObject item)
        {
            if (IsInside(item)) { throw MakeError("Setting the parent of an object"); }
        }

        /// <summary>
        /// Throws if Unity forbids to destroy an object. From 2022.2 on, the missing object is an override.
        /// </summary>
        internal static void RefuseDestroy(GameObject item)
        {
#if !UNITY_2022_2_OR_NEWER
            if (IsInside(item)) { throw MakeError("Destroying an object"); }
#endif
        }

        static InvalidOperationException MakeError(string action) =>
            new InvalidOperationException(action + " inside a prefab instance is not possible");

        static bool IsInside(GameObject item) => PrefabAssets.FindSource(item) != null && !PrefabAssets.IsRoot(item);

        static void CheckRoot(GameObject item)
        {
            if (!PrefabAssets.IsRoot(item)) { throw new ArgumentException("no root of a prefab instance"); }
        }

        static GameObject OwnerOf(Object target) => target as GameObject ?? ((Component)target).gameObject;
    }
}

namespace UnityEditor.SceneManagement
{
    public abstract class Stage : ScriptableObject
    {
    }

    public abstract class PreviewSceneStage : Stage
    {
    }

    public sealed class PrefabStage : PreviewSceneStage
    {
        internal PrefabStage()
        {
        }
    }

    public static partial class PrefabStageUtility
    {
        internal static PrefabStage Current;

        public static PrefabStage GetCurrentPrefabStage() => Current;
    }
}
