using System.Globalization;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Discovery;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Shows the state of the bridge, the next step, and the buttons for it.</summary>
    public sealed class VibeSyncWindow : EditorWindow
    {
        static readonly Color Green = new Color(0.3f, 0.8f, 0.3f, 1);
        static readonly Color Yellow = new Color(0.9f, 0.7f, 0.1f, 1);
        static readonly Color Red = new Color(0.9f, 0.3f, 0.2f, 1);
        static readonly Color Gray = new Color(0.6f, 0.6f, 0.6f, 1);

        [MenuItem("Window/VibeSync")]
        public static void Open() => GetWindow<VibeSyncWindow>("VibeSync");

        void OnGUI()
        {
            SessionStatus status = Bridge.Status;
            DrawDot(status);
            string sentence = StatusText.Describe(Bridge.IsRunning, status, Bridge.EditorState);
            EditorGUILayout.HelpBox(sentence, MessageType.None);
            if (Bridge.IsRunning) { DrawOffers(status); }
            if (status.Task.Length > 0)
            {
                EditorGUI.ProgressBar(EditorGUILayout.GetControlRect(), (float)status.Progress, status.Task);
            }
            EditorGUILayout.LabelField("Waiting for an answer", Text(status.Pending));
            EditorGUILayout.LabelField("Sent, received", Text(status.Sent) + ", " + Text(status.Applied));
            if (Bridge.StopReason.Length > 0) { EditorGUILayout.HelpBox(Bridge.StopReason, MessageType.Error); }
            if (status.LastError != null) { EditorGUILayout.HelpBox(status.LastError.ToString(), MessageType.Warning); }
            if (status.LastNotice.Length > 0) { EditorGUILayout.HelpBox(status.LastNotice, MessageType.Info); }
            if (GUILayout.Button(Bridge.IsRunning ? "Pause" : "Resume")) { Bridge.IsEnabled = !Bridge.IsRunning; }
            if (Bridge.IsRunning && GUILayout.Button("Resync")) { Bridge.Resync(); }
            if (Bridge.IsRunning && status.IsRegistryDamaged && GUILayout.Button("Rebuild Registry"))
            {
                Bridge.RebuildRegistry();
            }
            if (Bridge.IsRunning && status.IsLeavable && GUILayout.Button("Leave project")) { Bridge.Leave(); }
            if (IsInSafeMode(status) && GUILayout.Button("Turn on automation")) { Bridge.TurnOnAutomation(); }
            DrawUnsupported();
        }

        static bool IsInSafeMode(SessionStatus status) => status.State == "connected" && status.SafeMode != null;

        static void DrawDot(SessionStatus status)
        {
            string state = Bridge.IsRunning ? status.State : "paused";
            Color before = GUI.color;
            bool needsAttention = state == "connecting" || (Bridge.IsRunning && IsInSafeMode(status));
            GUI.color = needsAttention ? Yellow : state == "connected" ? Green : state == "error" ? Red : Gray;
            EditorGUILayout.LabelField("\u25cf", state);
            GUI.color = before;
        }

        static void DrawOffers(SessionStatus status)
        {
            foreach (DiscoveryFile offer in status.Offers)
            {
                GUIContent label = new GUIContent(StatusText.LabelOffer(offer, status.Offers), offer.ProjectRoot);
                if (GUILayout.Button(label)) { Bridge.Join(offer.ProjectId); }
            }
        }

        static void DrawUnsupported()
        {
            EditorGUILayout.LabelField("Not synchronized", "materials and textures; also in this scene:");
            foreach (string line in Bridge.UnsupportedKinds) { EditorGUILayout.LabelField("", line); }
        }

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

        void OnInspectorUpdate() => Repaint();
    }
}
