using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>
    /// Prefab instances stay instances: what is changed on them is recorded as an override of the scene, and what would
    /// take them apart is refused.
    /// </summary>
    public static class Overrides
    {
        /// <summary>Tells Unity that a component or GameObject was changed, so that the scene keeps it.</summary>
        public static void Keep(Object changed)
        {
            if (PrefabUtility.IsPartOfPrefabInstance(changed))
            {
                PrefabUtility.RecordPrefabInstancePropertyModifications(changed);
            }
            EditorUtility.SetDirty(changed);
        }

        /// <summary>Whether an object belongs to a prefab instance without being its root.</summary>
        public static bool IsInside(GameObject target)
        {
            return PrefabUtility.IsPartOfPrefabInstance(target)
                && !PrefabUtility.IsOutermostPrefabInstanceRoot(target);
        }

        /// <summary>Throws VS-7003 for what belongs to a prefab instance without being its root.</summary>
        public static void RefuseInside(GameObject target)
        {
            if (!IsInside(target)) { return; }
            throw new SyncException(ErrorCode.ReadOnlyData, target.name
                + " is part of a prefab instance and stays where the prefab has it; unpack the prefab to change that");
        }

        /// <summary>Whether an instance that holds the object goes with the batch as a whole.</summary>
        /// <param name="deleted">The uuids of what the batch deletes.</param>
        public static bool GoesWithItsRoot(GameObject part, ICollection<string> deleted)
        {
            GameObject root = PrefabUtility.GetOutermostPrefabInstanceRoot(part);
            VibeSyncIdentity identity = root == null ? null : root.GetComponent<VibeSyncIdentity>();
            return identity != null && deleted.Contains(identity.Uuid);
        }
    }
}
