using UnityEngine;
using UnityFakes;

namespace UnityEngine
{
    public struct Rect
    {
        public Rect(float x, float y, float width, float height)
        {
            (this.x, this.y, this.width, this.height) = (x, y, width, height);
        }

        public float x { get; set; }

        public float y { get; set; }

        public float width { get; set; }

        public float height { get; set; }
    }

    public enum EventType
    {
        MouseDown = 0,
        MouseUp = 1,
        Repaint = 7,
        Layout = 8,
    }

    public sealed class Event
    {
        internal static readonly Event Current = new Event();

        public static Event current
        {
            get => Current;
            set => Current.type = value.type;
        }

        public EventType type { get; set; }
    }

    public sealed class GUIStyle
    {
        public GUIStyle(GUIStyle other)
        {
            wordWrap = other != null && other.wordWrap;
        }

        public bool wordWrap { get; set; }
    }

    public sealed class GUISkin : ScriptableObject
    {
        public GUIStyle button { get; set; } = new GUIStyle(null);
    }

    public class GUI
    {
        static readonly GUISkin Skin = new GUISkin();

        public static Color color { get; set; } = new Color(1, 1, 1, 1);

        public static GUISkin skin
        {
            get => Skin;
            set => Skin.button = value.button;
        }
    }

    public class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options) =>
            Button(new GUIContent(text, ""), GUI.skin.button, options);

        public static bool Button(GUIContent content, params GUILayoutOption[] options) =>
            Button(content, GUI.skin.button, options);

        public static bool Button(GUIContent content, GUIStyle style, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Tooltips[content.text] = content.tooltip;
            Layout.Add("[" + content.text + "]", content.text, style.wordWrap, options);
            return UnityFakes.Screen.TakePressed(content.text);
        }

        public static void Label(string text, GUIStyle style, params GUILayoutOption[] options) =>
            Layout.Add(text, text, style.wordWrap, options);

        public static void BeginHorizontal(params GUILayoutOption[] options) => Layout.BeginRow();

        public static void EndHorizontal() => Layout.EndRow();

        public static GUILayoutOption Width(float width) => new GUILayoutOption { Width = width };
    }
}

namespace UnityEditor
{
    public sealed class EditorStyles
    {
        public static GUIStyle boldLabel => new GUIStyle(null);

        public static GUIStyle wordWrappedLabel => new GUIStyle(null) { wordWrap = true };
    }
}
