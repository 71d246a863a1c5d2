using System;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>The settings of this user, which Unity stores in EditorPrefs.</summary>
    public static class Settings
    {
        public const float MinTickMilliseconds = 1;
        public const float MaxTickMilliseconds = 50;
        const float DefaultTickMilliseconds = 8;
        const string EnabledKey = "VibeSync.Enabled";
        const string TickKey = "VibeSync.TickMilliseconds";

        /// <summary>Whether the bridge starts with the editor.</summary>
        public static bool IsEnabled
        {
            get => EditorPrefs.GetBool(EnabledKey, true);
            set => EditorPrefs.SetBool(EnabledKey, value);
        }

        /// <summary>The time budget of the bridge in one update of the editor, in milliseconds.</summary>
        public static float TickMilliseconds
        {
            get => Clamp(EditorPrefs.GetFloat(TickKey, DefaultTickMilliseconds));
            set => EditorPrefs.SetFloat(TickKey, Clamp(value));
        }

        static float Clamp(float value)
        {
            return Math.Min(Math.Max(value, MinTickMilliseconds), MaxTickMilliseconds);
        }
    }
}
