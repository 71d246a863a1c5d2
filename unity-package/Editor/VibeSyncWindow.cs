using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Draws what <see cref="StatusText"/> decides: state, next step, buttons, progress, queues and errors.</summary>
    public sealed class VibeSyncWindow : EditorWindow
    {
        const float MinWidth = 200;
        const float MinHeight = 100;

        /// <summary>Below this width, a value is below its label, and each button has a row.</summary>
        const float NarrowWidth = 320;

        const float LabelWidth = 150;

        static readonly Color Green = new Color(0.3f, 0.8f, 0.3f, 1);
        static readonly Color Yellow = new Color(0.9f, 0.7f, 0.1f, 1);
        static readonly Color Red = new Color(0.9f, 0.3f, 0.2f, 1);

        PanelView view;
        List<KeyValuePair<string, string>> queues;
        List<string> unsupported;
        string notice;
        SelfTestResult selfTest;
        bool isNarrow;
        Vector2 scroll;
        PanelButton pressed;

        [MenuItem("Window/VibeSync/Panel")]
        public static void Open()
        {
            GetWindow<VibeSyncWindow>("VibeSync").minSize = new Vector2(MinWidth, MinHeight);
        }

        void OnGUI()
        {
            // Unity draws a window several times a frame, and needs the controls of the first time in each.
            if (view == null || Event.current.type == EventType.Layout) { ReadState(); }
            pressed = null;
            scroll = EditorGUILayout.BeginScrollView(scroll);
            DrawState();
            DrawButtons(view.Buttons);
            foreach (PanelButton join in view.Joins) { DrawButton(join); }
            if (view.CanLeave) { DrawButton(new PanelButton(PanelAction.Leave, StatusText.LeaveLabel)); }
            DrawAgents();
            DrawProblem();
            DrawDetails();
            EditorGUILayout.EndScrollView();
            if (pressed != null) { Bridge.Perform(pressed); }
        }

        void ReadState()
        {
            view = StatusText.MakeView(Bridge.Panel);
            queues = Bridge.Queues;
            unsupported = Bridge.UnsupportedKinds;
            notice = Bridge.Status.LastNotice;
            selfTest = SelfTestResult.Last;
            isNarrow = position.width < NarrowWidth;
        }

        void DrawState()
        {
            Color before = GUI.color;
            GUI.color = view.Color == PanelColor.Green ? Green : view.Color == PanelColor.Red ? Red : Yellow;
            GUILayout.Label("\u25cf " + view.Title, new GUIStyle(EditorStyles.boldLabel) { wordWrap = true });
            GUI.color = before;
            if (view.Advice.Length > 0) { EditorGUILayout.HelpBox(view.Advice, MessageType.None); }
            if (view.Task.Length > 0)
            {
                DrawText(char.ToUpperInvariant(view.Task[0]) + view.Task.Substring(1));
                string text = (int)(view.Progress * 100) + "%" + (view.TimeLeft.Length > 0 ? ", " + view.TimeLeft : "");
                EditorGUI.ProgressBar(EditorGUILayout.GetControlRect(), (float)view.Progress, text);
            }
            foreach (string count in view.Counts) { DrawText(count); }
            foreach (KeyValuePair<string, string> queue in queues) { DrawPair(queue.Key, queue.Value); }
        }

        void DrawButtons(List<PanelButton> buttons)
        {
            if (!isNarrow) { GUILayout.BeginHorizontal(); }
            foreach (PanelButton button in buttons) { DrawButton(button); }
            if (!isNarrow) { GUILayout.EndHorizontal(); }
        }

        void DrawButton(PanelButton button)
        {
            GUIStyle style = new GUIStyle(GUI.skin.button) { wordWrap = true };
            if (GUILayout.Button(new GUIContent(button.Label, button.Hint), style)) { pressed = button; }
        }

        void DrawAgents()
        {
            if (view.Agents.IsEmpty) { return; }
            GUILayout.Label("Agents", EditorStyles.boldLabel);
            foreach (AgentEntry question in view.Agents.Questions)
            {
                EditorGUILayout.HelpBox(string.Join("\n", question.Lines), MessageType.None);
                DrawButtons(question.Buttons);
            }
            foreach (AgentEntry agent in view.Agents.Agents)
            {
                foreach (string line in agent.Lines) { DrawText(line); }
                DrawButtons(agent.Buttons);
            }
            foreach (string line in new[] { view.Agents.More, view.Agents.Undone })
            {
                if (line.Length > 0) { DrawText(line); }
            }
            GUIContent keep = new GUIContent("Keep from Agents", "the selected objects, and all below them");
            if (GUILayout.Button(keep)) { KeepFromAgents.ToggleSelection(); }
        }

        void DrawProblem()
        {
            MessageType type = view.Color == PanelColor.Red ? MessageType.Error : MessageType.Warning;
            foreach (string line in view.Problem)
            {
                EditorGUILayout.HelpBox(line, type);
                type = MessageType.Info;
            }
            if (notice.Length > 0) { EditorGUILayout.HelpBox(notice, MessageType.Info); }
        }

        void DrawDetails()
        {
            DrawPair("Not synchronized", Bridge.NeverSynchronized
                + (unsupported.Count > 0 ? "; also in this scene:" : ""));
            foreach (string line in unsupported) { DrawPair("", line); }
            if (selfTest == null) { return; }
            DrawPair("Self-Test", selfTest.Summary);
            DrawPair("Report", selfTest.Path);
            if (GUILayout.Button(new GUIContent("Show Report", selfTest.Path))) { selfTest.Reveal(); }
        }

        void DrawPair(string label, string value)
        {
            if (isNarrow)
            {
                if (label.Length > 0) { DrawText(label); }
                DrawText("  " + value);
                return;
            }
            GUILayout.BeginHorizontal();
            GUILayout.Label(label, EditorStyles.wordWrappedLabel, GUILayout.Width(LabelWidth));
            DrawText(value);
            GUILayout.EndHorizontal();
        }

        static void DrawText(string text) => GUILayout.Label(text, EditorStyles.wordWrappedLabel);

        void OnInspectorUpdate() => Repaint();
    }
}
