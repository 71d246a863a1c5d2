using System.Collections.Generic;
using System.Reflection;
using UnityEditor;
using UnityEngine;

namespace UnityFakes
{
    /// <summary>Collects the lines that a window draws, and holds the button that the user presses.</summary>
    public static class Screen
    {
        const float DefaultWidth = 400;
        const float DefaultHeight = 600;

        public static List<string> Lines { get; } = new List<string>();

        /// <summary>The texts of the last drawing of which a part lies outside of the window.</summary>
        public static List<string> CutOff { get; } = new List<string>();

        /// <summary>The rows of the last drawing: the texts that are beside each other.</summary>
        public static List<string> Rows { get; } = new List<string>();

        public static string Pressed { get; set; } = "";

        /// <summary>The size of windows.</summary>
        public static float Width { get; set; } = DefaultWidth;

        public static float Height { get; set; } = DefaultHeight;

        /// <summary>The tooltips of buttons, by their labels.</summary>
        public static Dictionary<string, string> Tooltips { get; } = new Dictionary<string, string>();

        /// <summary>The values to which the user drags sliders, by their labels.</summary>
        public static Dictionary<string, float> Slid { get; } = new Dictionary<string, float>();

        /// <summary>Returns the settings page with that path, found by its attribute, as in Unity.</summary>
        public static SettingsProvider FindSettings(string path)
        {
            foreach (MethodInfo method in Domain.GetMethods())
            {
                if (method.GetCustomAttributes(typeof(SettingsProviderAttribute), false).Length == 0) { continue; }
                SettingsProvider made = (SettingsProvider)method.Invoke(null, null);
                if (made.settingsPath == path) { return made; }
            }
            return null;
        }

        /// <summary>
        /// Draws a window by its message OnGUI as Unity does: once for the layout, once for the screen. If a button is
        /// pressed, both happen before for the mouse.
        /// </summary>
        public static void Draw(EditorWindow window)
        {
            if (Pressed.Length > 0) { DrawTwice(window, EventType.MouseUp); }
            DrawTwice(window, EventType.Repaint);
        }

        /// <summary>Returns whether the user presses this button now.</summary>
        internal static bool TakePressed(string label)
        {
            // A page without a window has no events here.
            bool isNow = Event.current.type != EventType.Layout && Event.current.type != EventType.Repaint;
            return isNow && Pressed == label;
        }

        internal static void Reset()
        {
            Pressed = "";
            Slid.Clear();
            (Width, Height) = (DefaultWidth, DefaultHeight);
        }

        static void DrawTwice(EditorWindow window, EventType second)
        {
            int controls = Draw(window, EventType.Layout);
            if (Draw(window, second) <= controls) { return; }
            throw new System.ArgumentException("Getting control " + controls + "'s position in a group with only "
                + controls + " controls when doing " + second);
        }

        static int Draw(EditorWindow window, EventType type)
        {
            Event.current.type = type;
            Lines.Clear();
            CutOff.Clear();
            Rows.Clear();
            Layout.Begin();
            const BindingFlags Any = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
            try { window.GetType().GetMethod("OnGUI", Any).Invoke(window, null); }
            finally { Event.current.type = EventType.MouseDown; }
            Layout.End();
            return Lines.Count;
        }
    }
}
