using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>What the user can set, kept by Unity for this user; shown under Project Settings.</summary>
    public static class Settings
    {
        const string EnabledKey = "VibeSync.Enabled";
        const string TickKey = "VibeSync.TickMilliseconds";
        const float DefaultTick = 8;
        const float ShortestTick = 1;
        const float LongestTick = 50;

        /// <summary>Whether the bridge starts with the editor.</summary>
        public static bool Enabled
        {
            get => EditorPrefs.GetBool(EnabledKey, true);
            set => EditorPrefs.SetBool(EnabledKey, value);
        }

        /// <summary>How long the bridge may work in one update of the editor, in milliseconds.</summary>
        public static float TickMilliseconds
        {
            get => Within(EditorPrefs.GetFloat(TickKey, DefaultTick));
            set => EditorPrefs.SetFloat(TickKey, Within(value));
        }

        [SettingsProvider]
        static SettingsProvider Provide()
        {
            return new SettingsProvider("Project/VibeSync", SettingsScope.Project)
            {
                label = "VibeSync",
                guiHandler = _ => Draw(),
            };
        }

        static void Draw()
        {
            bool enabled = EditorGUILayout.Toggle("Synchronize", Bridge.Enabled);
            if (enabled != Bridge.Enabled) { Bridge.Enabled = enabled; }
            float tick = EditorGUILayout.Slider("Milliseconds a tick", TickMilliseconds, ShortestTick, LongestTick);
            if (tick != TickMilliseconds)
            {
                TickMilliseconds = tick;
                Bridge.Resync();
            }
            EditorGUILayout.LabelField("Meshes from the daemon", MeshStore.Folder);
        }

        static float Within(float value)
        {
            return value < ShortestTick ? ShortestTick : value > LongestTick ? LongestTick : value;
        }
    }
}
