using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Copies the scene before play mode, and restores the differences that the game left after it. The copy is a file
    /// of the Library folder, because the domain is reloaded in between.
    /// </summary>
    public static class PlayModeSnapshot
    {
        const string ExistsKey = "VibeSync.BeforePlay";

        static string SnapshotPath => Path.Combine(Path.GetDirectoryName(Application.dataPath), "Library", "VibeSync",
            "before-play.frames");

        /// <summary>Whether a copy was made and not restored yet.</summary>
        public static bool Exists => SessionState.GetString(ExistsKey, "").Length > 0;

        public static void Save(ISceneAdapter scene)
        {
            AtomicFile.Write(SnapshotPath, SceneSnapshot.Take(scene));
            SessionState.SetString(ExistsKey, "yes");
        }

        /// <summary>Restores the differences. The scene must be indexed completely since Unity recreated it.</summary>
        public static void Restore(ISceneAdapter scene)
        {
            SessionState.EraseString(ExistsKey);
            List<string> restored = SceneSnapshot.Restore(scene, File.ReadAllBytes(SnapshotPath), "Restore after Play");
            File.Delete(SnapshotPath);
            if (restored.Count > 0)
            {
                Debug.Log("VibeSync restored the differences that play mode left: " + restored.Count
                    + (restored.Count == 1 ? " entity" : " entities"));
            }
        }
    }
}
