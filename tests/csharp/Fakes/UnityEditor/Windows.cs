using System;
using System.Collections.Generic;
using UnityEngine;

namespace UnityEngine
{
    public class ScriptableObject : Object
    {
    }

    public sealed class GUILayoutOption
    {
    }

    public class GUILayout
    {
        public static bool Button(string text, params GUILayoutOption[] options)
        {
            UnityFakes.Screen.Lines.Add("[" + text + "]");
            return UnityFakes.Screen.Pressed == text;
        }
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

        public void Repaint()
        {
        }
    }

    public sealed class EditorGUILayout
    {
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
    /// <summary>What a window draws and what the user presses in it.</summary>
    public static class Screen
    {
        public static List<string> Lines { get; } = new List<string>();

        public static string Pressed { get; set; } = "";

        /// <summary>Draws a window once, as Unity does: by its message OnGUI.</summary>
        public static void Draw(UnityEditor.EditorWindow window)
        {
            Lines.Clear();
            const System.Reflection.BindingFlags Any = System.Reflection.BindingFlags.Instance
                | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public;
            window.GetType().GetMethod("OnGUI", Any).Invoke(window, null);
        }
    }
}
