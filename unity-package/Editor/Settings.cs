using System;
using UnityEditor;
using UnityEditor.MPE;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>The settings of this user, which Unity stores in EditorPrefs.</summary>
    public static class Settings
    {
        public const float MinTickMilliseconds = 1;
        public const float MaxTickMilliseconds = 50;
        public const float MaxRestMilliseconds = 500;
        const float DefaultTickMilliseconds = 8;
        const float DefaultRestMilliseconds = 100;
        const string EnabledKey = "VibeSync.Enabled";
        const string HeldKey = "VibeSync.Held";
        const string TickKey = "VibeSync.TickMilliseconds";
        const string RestKey = "VibeSync.RestMilliseconds";
        const string BatchModeVariable = "VIBESYNC_IN_BATCH_MODE";

        /// <summary>Whether the bridge starts with the editor.</summary>
        public static bool IsEnabled
        {
            get => EditorPrefs.GetBool(EnabledKey, true);
            set => EditorPrefs.SetBool(EnabledKey, value);
        }

        /// <summary>Whether the bridge is held back by the self-test; until this editor process ends at the latest.</summary>
        public static bool IsHeld
        {
            get => SessionState.GetString(HeldKey, "").Length > 0;
            set => SessionState.SetString(HeldKey, value ? "1" : "");
        }

        /// <summary>The time budget of the bridge in one update of the editor, in milliseconds.</summary>
        public static float TickMilliseconds
        {
            get => Clamp(EditorPrefs.GetFloat(TickKey, DefaultTickMilliseconds), MaxTickMilliseconds);
            set => EditorPrefs.SetFloat(TickKey, Clamp(value, MaxTickMilliseconds));
        }

        /// <summary>The same while nobody has used the editor for a second.</summary>
        public static float RestMilliseconds
        {
            get => Clamp(EditorPrefs.GetFloat(RestKey, DefaultRestMilliseconds), MaxRestMilliseconds);
            set => EditorPrefs.SetFloat(RestKey, Clamp(value, MaxRestMilliseconds));
        }

        /// <summary>
        /// Whether the bridge may run in this process: the main editor, and with the environment variable
        /// VIBESYNC_IN_BATCH_MODE=1 also an editor without a window. Unity loads all scripts in asset import workers
        /// and other secondary processes too, whose scenes are not the user's.
        /// </summary>
        public static bool IsOwnProcess
        {
            get
            {
                if (AssetDatabase.IsAssetImportWorkerProcess() || ProcessService.level != ProcessLevel.Main)
                {
                    return false;
                }
                return !Application.isBatchMode || Environment.GetEnvironmentVariable(BatchModeVariable) == "1";
            }
        }

        static float Clamp(float value, float max) => Math.Min(Math.Max(value, MinTickMilliseconds), max);
    }
}
