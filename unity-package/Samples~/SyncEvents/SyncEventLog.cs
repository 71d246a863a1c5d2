using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;
using VibeSync.Editor;

namespace VibeSync.Samples
{
    /// <summary>Writes one line to the console for each group of changes that was sent or applied.</summary>
    public static class SyncEventLog
    {
        /// <summary>Begins with the editor, and again after each domain reload, which forgets all listeners.</summary>
        [InitializeOnLoadMethod]
        public static void Listen()
        {
            Bridge.Synced -= Write;
            Bridge.Synced += Write;
        }

        static void Write(SyncEvent happened)
        {
            string what = happened.Direction == SyncDirection.Sent ? "sent to Blender" : "received from Blender";
            Debug.Log("VibeSync sample, " + what + ": " + happened.Label + " (" + happened.Uuids.Count + ")");
        }
    }
}
