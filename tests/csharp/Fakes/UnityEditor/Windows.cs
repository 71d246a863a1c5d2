using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.UIElements;

namespace UnityEngine
{
    public class ScriptableObject : Object
    {
        public static T CreateInstance<T>() where T : ScriptableObject => (T)Activator.CreateInstance(typeof(T), true);

        internal override object Capture() => (base.Capture(), UnityFakes.Fields.Capture(this));

        internal override void Restore(object state)
        {
            (object named, object[] fields) = ((object, object[]))state;
            base.Restore(named);
            UnityFakes.Fields.Restore(this, fields);
        }

        internal override bool HasSameState(object a, object b)
        {
            ((object nameA, object[] fieldsA), (object nameB, object[] fieldsB)) = (((object, object[]))a, ((object, object[]))b);
            return nameA.Equals(nameB) && UnityFakes.Fields.AreSame(fieldsA, fieldsB);
        }
    }

    public sealed class GUILayoutOption
    {
        internal GUILayoutOption()
        {
        }

        internal float Width;
    }

    public class GUIContent
    {
        public GUIContent(string text, string tooltip)
        {
            this.text = text;
            this.tooltip = tooltip;
        }

        public string text { get; set; }

        public string tooltip { get; set; }
    }
}

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method)]
    public sealed class MenuItem : Attribute
    {
        public MenuItem(string itemName)
        {
        }
    }

    public enum MessageType
    {
        None,
        Info,
        Warning,
        Error,
    }

    public class EditorWindow : ScriptableObject
    {
        public static T GetWindow<T>(string title) where T : EditorWindow => (T)Activator.CreateInstance(typeof(T));

        public Rect position
        {
            get => new Rect { width = UnityFakes.Screen.Width, height = UnityFakes.Screen.Height };
            set => (UnityFakes.Screen.Width, UnityFakes.Screen.Height) = (value.width, value.height);
        }

        public Vector2 minSize { get; set; } = new Vector2(100, 100);

        public static EditorWindow focusedWindow { get; internal set; }

        public VisualElement rootVisualElement { get; } = new VisualElement();

        public void Repaint()
        {
        }
    }

    public sealed class EditorGUI
    {
        public static void ProgressBar(Rect position, float value, string text) =>
            UnityFakes.Layout.Add("progress " + (int)(value * 100) + "%: " + text, text, wraps: false);
    }

    public enum SettingsScope
    {
        User,
        Project,
    }

    [AttributeUsage(AttributeTargets.Method)]
    public sealed class SettingsProviderAttribute : Attribute
    {
    }

    public class SettingsProvider
    {
        public SettingsProvider(string path, SettingsScope scopes, IEnumerable<string> keywords = null)
        {
            settingsPath = path;
        }

        public string settingsPath { get; }

        public string label { get; set; }

        public Action<string> guiHandler { get; set; }
    }

    public sealed class EditorGUILayout
    {
        public static Rect GetControlRect(params GUILayoutOption[] options) => default;

        public static Vector2 BeginScrollView(Vector2 scrollPosition, params GUILayoutOption[] options)
        {
            UnityFakes.Layout.BeginScroll();
            return scrollPosition;
        }

        public static void EndScrollView() => UnityFakes.Layout.EndScroll();

        public static bool Toggle(string label, bool value, params GUILayoutOption[] options)
        {
            UnityFakes.Layout.AddPair(label, value.ToString());
            return UnityFakes.Screen.TakePressed(label) ? !value : value;
        }

        public static float Slider(string label, float value, float leftValue, float rightValue,
            params GUILayoutOption[] options)
        {
            UnityFakes.Layout.AddPair(label, value.ToString());
            return UnityFakes.Screen.Slid.TryGetValue(label, out float slid) ? slid : value;
        }

        public static void LabelField(string label, string label2, params GUILayoutOption[] options)
        {
            UnityFakes.Layout.AddPair(label, label2);
        }

        public static void HelpBox(string message, MessageType type) =>
            UnityFakes.Layout.Add(type + ": " + message, message, wraps: true);
    }
}
