using System.Collections.Generic;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace VibeSync.Editor
{
    /// <summary>Lists the objects of the open scenes.</summary>
    public static class OpenScenes
    {
        /// <summary>Returns the root objects, in the order of the hierarchy.</summary>
        public static IEnumerable<GameObject> GetRoots()
        {
            for (int i = 0; i < SceneManager.sceneCount; i++)
            {
                Scene scene = SceneManager.GetSceneAt(i);
                if (!scene.isLoaded) { continue; }
                foreach (GameObject root in scene.GetRootGameObjects()) { yield return root; }
            }
        }

        /// <summary>
        /// Returns every component of a type, also of inactive objects, but for those that VibeSync makes to show an
        /// instance or a joint.
        /// </summary>
        public static IEnumerable<T> FindAll<T>() where T : Component
        {
            foreach (T found in FindAllShown<T>())
            {
                if (!IsMade(found.gameObject)) { yield return found; }
            }
        }

        /// <summary>Returns every component of a type, also of objects that VibeSync makes.</summary>
        public static IEnumerable<T> FindAllShown<T>() where T : Component
        {
            foreach (GameObject root in GetRoots())
            {
                foreach (T found in root.GetComponentsInChildren<T>(true)) { yield return found; }
            }
        }

        /// <summary>Returns whether VibeSync has made an object to show an instance of a collection.</summary>
        public static bool IsGenerated(GameObject candidate) => candidate.GetComponent<VibeSyncGenerated>() != null;

        /// <summary>Returns whether VibeSync has made an object to show a joint of an armature.</summary>
        public static bool IsJoint(GameObject candidate) => candidate.GetComponent<VibeSyncJoint>() != null;

        /// <summary>Returns whether VibeSync has made an object to show something that is no object.</summary>
        public static bool IsMade(GameObject candidate) => IsGenerated(candidate) || IsJoint(candidate);

        /// <summary>
        /// Returns false for objects that other tools hide or do not save, and for those that VibeSync makes; these objects
        /// and their children are not synchronized.
        /// </summary>
        public static bool IsSynchronized(GameObject candidate)
        {
            return (candidate.hideFlags & (HideFlags.HideInHierarchy | HideFlags.DontSaveInEditor)) == 0
                && !IsMade(candidate);
        }

        /// <summary>Returns whether an object is in an open scene and is synchronized.</summary>
        public static bool Contains(GameObject candidate)
        {
            if (candidate == null || !candidate.scene.isLoaded) { return false; }
            for (Transform above = candidate.transform; above != null; above = above.parent)
            {
                if (!IsSynchronized(above.gameObject)) { return false; }
            }
            return true;
        }
    }
}
