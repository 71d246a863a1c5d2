using System;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>The time by which the bridge works. Tests replace it; no other code does.</summary>
    internal static class EditorClock
    {
        /// <summary>Returns the time instead of Unity's clock; null outside of tests.</summary>
        internal static Func<double> Replacement { get; set; }

        /// <summary>Seconds since the editor started.</summary>
        internal static double Now => Replacement == null ? EditorApplication.timeSinceStartup : Replacement();
    }
}
