using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps what the scene held before play mode, and brings back after it what the game left different. The copy lies
    /// in a file of the Library folder, because the domain is reloaded in between.
    /// </summary>
    public static class PlayMode
    {
        const string TakenKey = "VibeSync.BeforePlay";

        static string KeptFile => Path.Combine(Path.GetDirectoryName(Application.dataPath), "Library", "VibeSync",
            "before-play.frames");

        /// <summary>Whether there is something to compare with.</summary>
        public static bool Taken => SessionState.GetString(TakenKey, "").Length > 0;

        public static void Keep(ISceneAdapter scene)
        {
            WholeFile.Write(KeptFile, SceneSnapshot.Take(scene));
            SessionState.SetString(TakenKey, "yes");
        }

        /// <summary>Compares and restores; the scene must have been looked through since it was made anew.</summary>
        public static void Restore(ISceneAdapter scene)
        {
            SessionState.EraseString(TakenKey);
            List<string> restored = SceneSnapshot.Restore(scene, File.ReadAllBytes(KeptFile), "Restore after Play");
            File.Delete(KeptFile);
            if (restored.Count > 0)
            {
                Debug.Log("VibeSync brought back what play mode left different: " + restored.Count
                    + (restored.Count == 1 ? " entity" : " entities"));
            }
        }
    }
}
