using System;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Tells that Unity is about to write assets, also without a scene, as *Save Project* does.</summary>
    public sealed class AssetSaves : AssetModificationProcessor
    {
        /// <summary>Raised before the files are written.</summary>
        public static event Action Saving;

        static string[] OnWillSaveAssets(string[] paths)
        {
            Saving?.Invoke();
            return paths;
        }
    }
}
