using System.Collections.Generic;
using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>Names the images of the user's, and finds them by their uuids.</summary>
    public sealed class UserImages
    {
        Dictionary<string, string> paths;
        int indexedImports = -1;
        string indexedProject = "";

        /// <summary>Returns the uuid of the image at a path; null without a project.</summary>
        /// <param name="generation">How many uuids before this one were deleted.</param>
        public static string FindUuid(string path, int generation = 0)
        {
            string project = SceneRegistry.Current.ProjectId;
            string guid = AssetDatabase.AssetPathToGUID(path);
            return project.Length > 0 && guid.Length > 0 ? UserAssets.MakeUuid(project, "unity-image:" + guid, generation) : null;
        }

        /// <summary>Returns the path of the image with that uuid; null if the project has none.</summary>
        public string Find(string uuid)
        {
            string project = SceneRegistry.Current.ProjectId;
            if (!Core.Uuid.IsFromName(uuid) || project.Length == 0) { return null; }
            if (paths == null || indexedImports != ImageImports.Count || indexedProject != project) { Index(project); }
            return paths.TryGetValue(uuid, out string path) ? path : null;
        }

        void Index(string project)
        {
            (paths, indexedImports, indexedProject) = (new Dictionary<string, string>(), ImageImports.Count, project);
            foreach (string guid in AssetDatabase.FindAssets("t:Texture2D", new[] { "Assets" }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                for (int generation = 0; generation < UserAssets.MaxGenerations; generation++)
                {
                    paths[FindUuid(path, generation)] = path;
                }
            }
        }
    }
}
