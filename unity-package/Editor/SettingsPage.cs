using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Shows the settings on a page of Project Settings.</summary>
    public static class SettingsPage
    {
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
            bool isEnabled = EditorGUILayout.Toggle("Synchronize", Bridge.IsEnabled);
            if (isEnabled != Bridge.IsEnabled && !Settings.IsHeld) { Bridge.IsEnabled = isEnabled; }
            float tick = EditorGUILayout.Slider("Milliseconds a tick", Settings.TickMilliseconds,
                Settings.MinTickMilliseconds, Settings.MaxTickMilliseconds);
            float rest = EditorGUILayout.Slider("Milliseconds a tick at rest", Settings.RestMilliseconds,
                Settings.MinTickMilliseconds, Settings.MaxRestMilliseconds);
            if (tick != Settings.TickMilliseconds || rest != Settings.RestMilliseconds)
            {
                Settings.TickMilliseconds = tick;
                Settings.RestMilliseconds = rest;
                Bridge.Resync();
            }
            EditorGUILayout.LabelField("Meshes from the daemon", MeshFiles.Folder);
        }
    }
}
