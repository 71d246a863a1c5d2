using System;
using System.Collections.Generic;
using System.Globalization;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Names the materials of the user's: their uuids follow from the project and from the asset, so they are the same in
    /// each scene and on each machine.
    /// </summary>
    public sealed class UserMaterials
    {
        /// <summary>The number of the material in a file that has nothing else.</summary>
        const long MainId = 2100000;

        Dictionary<string, (string Path, long Id)> assets;
        int indexedImports = -1;
        string indexedProject = "";

        /// <summary>Returns the uuid of a material; null without a file or a project.</summary>
        /// <param name="generation">How many uuids before this one were deleted.</param>
        public static string FindUuid(Material material, int generation = 0)
        {
            string project = SceneRegistry.Current.ProjectId;
            bool isAsset = AssetDatabase.TryGetGUIDAndLocalFileIdentifier(material, out string guid, out long id);
            return isAsset && project.Length > 0 ? MakeUuid(project, guid, id, generation) : null;
        }

        /// <summary>Returns the uuid that follows a deleted one of the same material.</summary>
        public static string FindNextUuid(Material material, string uuid) =>
            UserAssets.FindNextUuid(generation => FindUuid(material, generation), uuid);

        /// <summary>Returns the material with that uuid; null if the project has none.</summary>
        public Material Find(string uuid)
        {
            string project = SceneRegistry.Current.ProjectId;
            if (!Uuid.IsFromName(uuid) || project.Length == 0) { return null; }
            if (assets == null || indexedImports != MaterialImports.Count || indexedProject != project) { Index(project); }
            if (!assets.TryGetValue(uuid, out (string Path, long Id) asset)) { return null; }
            foreach (Material material in Load(asset.Path))
            {
                bool isAsset = AssetDatabase.TryGetGUIDAndLocalFileIdentifier(material, out string _, out long id);
                if (isAsset && id == asset.Id) { return material; }
            }
            return null;
        }

        void Index(string project)
        {
            assets = new Dictionary<string, (string, long)>();
            indexedImports = MaterialImports.Count;
            indexedProject = project;
            foreach (string guid in AssetDatabase.FindAssets("t:Material", new[] { "Assets" }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                if (path.EndsWith(".mat", StringComparison.OrdinalIgnoreCase))
                {
                    Add(project, guid, MainId, path);
                    continue;
                }
                foreach (Material material in Load(path))
                {
                    bool isAsset = AssetDatabase.TryGetGUIDAndLocalFileIdentifier(material, out string _, out long id);
                    if (isAsset) { Add(project, guid, id, path); }
                }
            }
        }

        void Add(string project, string guid, long id, string path)
        {
            for (int generation = 0; generation < UserAssets.MaxGenerations; generation++)
            {
                assets[MakeUuid(project, guid, id, generation)] = (path, id);
            }
        }

        static IEnumerable<Material> Load(string path)
        {
            foreach (Object item in AssetDatabase.LoadAllAssetsAtPath(path))
            {
                if (item is Material material) { yield return material; }
            }
        }

        static string MakeUuid(string project, string guid, long id, int generation) => UserAssets.MakeUuid(project,
            "unity-material:" + guid + ":" + id.ToString(CultureInfo.InvariantCulture), generation);
    }
}
