using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Keeps objects, and all objects below them, from agents: an ordinary edit that can be undone.</summary>
    public static class KeepFromAgents
    {
        const string Label = "Keep from Agents";

        /// <summary>Keeps the selected objects; frees them if all of them are kept.</summary>
        [MenuItem("Window/VibeSync/Keep from Agents")]
        public static void ToggleSelection() => Toggle(Selection.gameObjects);

        /// <summary>Keeps these objects of the open scenes; frees them if all of them are kept.</summary>
        public static void Toggle(IEnumerable<GameObject> targets)
        {
            Identities identities = new Identities();
            List<GameObject> inScene = new List<GameObject>(targets);
            // An asset can be selected, too.
            inScene.RemoveAll(EditorUtility.IsPersistent);
            bool isKept = inScene.TrueForAll(identities.IsHumanOnly);
            foreach (GameObject target in inScene) { identities.SetHumanOnly(target, !isKept, Label); }
        }
    }
}
