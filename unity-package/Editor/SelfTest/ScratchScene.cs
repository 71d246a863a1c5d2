using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEditor.SceneManagement;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>The empty scene and the folder of assets that a run uses, in place of the user's scenes.</summary>
    public static class ScratchScene
    {
        /// <summary>The folder for files of a run; removed at its end.</summary>
        public const string Folder = "Assets/VibeSyncSelfTest";

        /// <summary>
        /// Opens an empty scene, after the user has saved changed ones or chose not to. Returns the scenes that were
        /// open, for <see cref="Close"/>; null if the user cancels.
        /// </summary>
        public static string Open()
        {
            if (!EditorSceneManager.SaveCurrentModifiedScenesIfUserWantsTo()) { return null; }
            string scenes = string.Join("\n", EditorSceneManager.GetSceneManagerSetup().Select(Write));
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene, NewSceneMode.Single);
            if (!AssetDatabase.IsValidFolder(Folder)) { AssetDatabase.CreateFolder("Assets", "VibeSyncSelfTest"); }
            return scenes;
        }

        /// <summary>Opens the scenes again that <see cref="Open"/> returned, and removes the folder.</summary>
        public static void Close(string scenes)
        {
            List<SceneSetup> setups = scenes.Split('\n').Select(Read).Where(setup => setup != null).ToList();
            // Unity restores a setup only with exactly one active scene, and a scene that was never saved has no file.
            if (setups.Count > 0)
            {
                if (!setups.Exists(setup => setup.isActive)) { setups[0].isActive = setups[0].isLoaded = true; }
                EditorSceneManager.RestoreSceneManagerSetup(setups.ToArray());
            }
            else { EditorSceneManager.NewScene(NewSceneSetup.DefaultGameObjects, NewSceneMode.Single); }
            AssetDatabase.DeleteAsset(Folder);
        }

        static string Write(SceneSetup setup)
        {
            return string.Join("\t", setup.path, setup.isLoaded, setup.isActive, setup.isSubScene);
        }

        static SceneSetup Read(string line)
        {
            string[] parts = line.Split('\t');
            if (parts.Length != 4 || parts[0].Length == 0) { return null; }
            return new SceneSetup
            {
                path = parts[0],
                isLoaded = parts[1] == bool.TrueString,
                isActive = parts[2] == bool.TrueString,
                isSubScene = parts[3] == bool.TrueString,
            };
        }
    }
}
