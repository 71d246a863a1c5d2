using System.Collections.Generic;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace VibeSync.Editor
{
    /// <summary>What is in the scenes that are open.</summary>
    public static class OpenScenes
    {
        /// <summary>The objects at the top, in the order of the hierarchy.</summary>
        public static IEnumerable<GameObject> Roots()
        {
            for (int i = 0; i < SceneManager.sceneCount; i++)
            {
                Scene scene = SceneManager.GetSceneAt(i);
                if (!scene.isLoaded) { continue; }
                foreach (GameObject root in scene.GetRootGameObjects()) { yield return root; }
            }
        }

        /// <summary>Every component of a type, also of inactive objects.</summary>
        public static IEnumerable<T> All<T>() where T : Component
        {
            foreach (GameObject root in Roots())
            {
                foreach (T found in root.GetComponentsInChildren<T>(true)) { yield return found; }
            }
        }

        /// <summary>What other tools hide or do not save is theirs, and so is all below it.</summary>
        public static bool IsOurs(GameObject candidate)
        {
            return (candidate.hideFlags & (HideFlags.HideInHierarchy | HideFlags.DontSaveInEditor)) == 0;
        }

        /// <summary>Whether an object is in a scene that is open, and is to be synchronized.</summary>
        public static bool Hold(GameObject candidate)
        {
            if (candidate == null || !candidate.scene.isLoaded) { return false; }
            for (Transform above = candidate.transform; above != null; above = above.parent)
            {
                if (!IsOurs(above.gameObject)) { return false; }
            }
            return true;
        }
    }
}
