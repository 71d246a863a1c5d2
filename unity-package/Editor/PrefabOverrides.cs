using UnityEditor;
using UnityEngine;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps prefab instances intact: records changes as overrides of the scene, and refuses changes of an instance's
    /// structure that Unity does not allow.
    /// </summary>
    public static class PrefabOverrides
    {
        /// <summary>Records a change of a component or GameObject, so that Unity saves it with the scene.</summary>
        public static void Record(Object changed)
        {
            if (PrefabUtility.IsPartOfPrefabInstance(changed))
            {
                PrefabUtility.RecordPrefabInstancePropertyModifications(changed);
            }
            EditorUtility.SetDirty(changed);
        }

        /// <summary>Returns whether an object is a prefab instance, or belongs to one.</summary>
        public static bool IsPart(GameObject target) => PrefabUtility.IsPartOfPrefabInstance(target);

        /// <summary>Returns whether an object belongs to a prefab instance without being its root.</summary>
        public static bool IsInsideInstance(GameObject target)
        {
            return PrefabUtility.IsPartOfPrefabInstance(target)
                && !PrefabUtility.IsOutermostPrefabInstanceRoot(target);
        }

        /// <summary>Throws VS-7003 if the object belongs to a prefab instance without being its root.</summary>
        public static void ThrowIfInsideInstance(GameObject target)
        {
            if (!IsInsideInstance(target)) { return; }
            throw new SyncException(ErrorCode.ReadOnlyData, target.name
                + " is part of a prefab instance, whose structure cannot be changed; unpack the prefab to change it");
        }
    }
}
