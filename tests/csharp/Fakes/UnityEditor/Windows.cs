using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.UIElements;

namespace UnityEngine
{
    public class ScriptableObject : Object
    {
    }

    public sealed class GUILayoutOption
    {
        internal GUILayoutOption()
        {
        }
    }

    public struct Rect
    {
    }

    public class GUI
    {
        public static Color color { get; set; } = new Color(1, 1, 1, 1);
    }

    public class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Lines.Add("[" + text + "]");
            return UnityFakes.Screen.Pressed == text;
        }

        public static bool Button(GUIContent content, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Tooltips[content.text] = content.tooltip;
            return Button(content.text, options);
        }
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

        public static EditorWindow focusedWindow { get; internal set; }

        public VisualElement rootVisualElement { get; } = new VisualElement();

        public void Repaint()
        {
        }
    }

    public sealed class EditorGUI
    {
        public static void ProgressBar(Rect position, float value, string text) =>
            UnityFakes.Screen.Lines.Add("progress " + (int)(value * 100) + "%: " + text);
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

        public static bool Toggle(string label, bool value, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Lines.Add(label + ": " + value);
            return UnityFakes.Screen.Pressed == label ? !value : value;
        }

        public static float Slider(string label, float value, float leftValue, float rightValue,
            params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Lines.Add(label + ": " + value);
            return UnityFakes.Screen.Slid.TryGetValue(label, out float slid) ? slid : value;
        }

        public static void LabelField(string label, string label2, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Lines.Add(label + ": " + label2);
        }

        public static void HelpBox(string message, MessageType type) =>
            UnityFakes.Screen.Lines.Add(type + ": " + message);
    }
}

namespace UnityFakes
{
    /// <summary>Collects the lines that a window draws, and holds the button that the user presses.</summary>
    public static class Screen
    {
        public static List<string> Lines { get; } = new List<string>();

        public static string Pressed { get; set; } = "";

        /// <summary>The tooltips of buttons, by their labels.</summary>
        public static Dictionary<string, string> Tooltips { get; } = new Dictionary<string, string>();

        /// <summary>The values to which the user drags sliders, by their labels.</summary>
        public static Dictionary<string, float> Slid { get; } = new Dictionary<string, float>();

        /// <summary>Returns the settings page with that path, found by its attribute, as in Unity.</summary>
        public static UnityEditor.SettingsProvider FindSettings(string path)
        {
            foreach (System.Reflection.MethodInfo method in Domain.GetMethods())
            {
                if (method.GetCustomAttributes(typeof(UnityEditor.SettingsProviderAttribute), false).Length == 0)
                {
                    continue;
                }
                UnityEditor.SettingsProvider made = (UnityEditor.SettingsProvider)method.Invoke(null, null);
                if (made.settingsPath == path) { return made; }
            }
            return null;
        }

        /// <summary>Draws a window once by its message OnGUI, as Unity does.</summary>
        public static void Draw(UnityEditor.EditorWindow window)
        {
            Lines.Clear();
            const System.Reflection.BindingFlags Any = System.Reflection.BindingFlags.Instance
                | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public;
            window.GetType().GetMethod("OnGUI", Any).Invoke(window, null);
        }
    }
}
