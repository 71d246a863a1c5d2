using System.Globalization;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Shows what the bridge is doing and switches it on and off.</summary>
    public sealed class VibeSyncWindow : EditorWindow
    {
        [MenuItem("Window/VibeSync")]
        public static void Open() => GetWindow<VibeSyncWindow>("VibeSync");

        void OnGUI()
        {
            SessionStatus status = Bridge.Status;
            EditorGUILayout.LabelField("State", Bridge.Running ? status.State : "off");
            EditorGUILayout.LabelField("Waiting for an answer", Text(status.Pending));
            EditorGUILayout.LabelField("Sent, applied", Text(status.Sent) + ", " + Text(status.Applied));
            if (status.LastError != null) { EditorGUILayout.HelpBox(status.LastError.ToString(), MessageType.Warning); }
            if (GUILayout.Button(Bridge.Running ? "Stop" : "Start")) { Bridge.Enabled = !Bridge.Running; }
        }

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        void OnInspectorUpdate() => Repaint();
    }
}
