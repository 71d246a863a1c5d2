using System;
using System.Collections.Generic;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    /// <summary>The part of a GameObject in a prefab instance.</summary>
    internal enum PrefabPart
    {
        None,
        Root,
        Below,
    }

    public partial class PrefabUtility
    {
        static readonly Dictionary<int, PrefabPart> Parts = new Dictionary<int, PrefabPart>();

        /// <summary>
        /// The numbers of objects whose overrides were recorded; a save would lose all other overrides.
        /// </summary>
        internal static readonly HashSet<int> Recorded = new HashSet<int>();

        public static bool IsPartOfPrefabInstance(Object componentOrGameObject) =>
            PartOf(OwnerOf(componentOrGameObject)) != PrefabPart.None;

        public static bool IsOutermostPrefabInstanceRoot(GameObject gameObject) =>
            PartOf(gameObject) == PrefabPart.Root;

        public static GameObject GetOutermostPrefabInstanceRoot(Object componentOrGameObject)
        {
            GameObject owner = OwnerOf(componentOrGameObject);
            while (PartOf(owner) == PrefabPart.Below) { owner = owner.transform.parent.gameObject; }
            return PartOf(owner) == PrefabPart.Root ? owner : null;
        }

        public static void RecordPrefabInstancePropertyModifications(Object targetObject)
        {
            if (UnityFakes.Faults.LosesOverrides) { return; }
            if (!IsPartOfPrefabInstance(targetObject)) { throw new ArgumentException("no part of an instance"); }
            Recorded.Add(targetObject.Id);
        }

        internal static PrefabPart PartOf(GameObject item) =>
            Parts.TryGetValue(item.Id, out PrefabPart part) ? part : PrefabPart.None;

        internal static void SetPart(GameObject item, PrefabPart part) => Parts[item.Id] = part;

        /// <summary>Throws if Unity forbids to take the object out of a prefab instance.</summary>
        internal static void RefuseStructure(GameObject item, string action)
        {
            if (PartOf(item) == PrefabPart.Below)
            {
                throw new InvalidOperationException(action + " inside a prefab instance is not possible");
            }
        }

        internal static void Reset()
        {
            Parts.Clear();
            Recorded.Clear();
        }

        static GameObject OwnerOf(Object target) => target as GameObject ?? ((Component)target).gameObject;
    }
}

namespace UnityEditor.SceneManagement
{
    public sealed class PrefabStage : ScriptableObject
    {
    }

    public static partial class PrefabStageUtility
    {
        internal static PrefabStage Current;

        public static PrefabStage GetCurrentPrefabStage() => Current;
    }
}
