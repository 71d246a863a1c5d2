using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Notices materials and images that an import changed, and assets of actions and of these that were deleted.</summary>
    public sealed class AssetWatch
    {
        readonly SceneIndex index;
        readonly MaterialStore materials;
        int knownImports = MaterialImports.Count;
        int knownImages = ImageImports.Count;
        int knownActions = ActionImports.Count;

        public AssetWatch(SceneIndex index)
        {
            this.index = index;
            materials = index.Materials;
        }

        /// <summary>Skips what was imported until now: the package did it.</summary>
        public void SkipNews() => (knownImports, knownImages, knownActions) =
            (MaterialImports.Count, ImageImports.Count, ActionImports.Count);

        /// <summary>Marks what was imported, and removes what was deleted.</summary>
        public void Refresh(DirtySet dirty)
        {
            if (knownActions != ActionImports.Count)
            {
                knownActions = ActionImports.Count;
                foreach (string uuid in index.Actions.GetUuids()) { dirty.Add(uuid); }
            }
            bool hasNewImages = knownImages != ImageImports.Count;
            if (hasNewImages || knownImports != MaterialImports.Count)
            {
                SkipNews();
                foreach (string uuid in materials.GetUuids()) { MarkMaterial(uuid, dirty); }
            }
            if (hasNewImages)
            {
                // Textures are made of images that a person has painted.
                materials.ShowImages(materials.Images.GetUuids(), null);
                SkipNews();
                foreach (string uuid in materials.Images.GetUuids()) { dirty.Add(uuid); }
            }
            if (materials.Images.TakeDeleted() | index.Actions.TakeDeleted()) { dirty.MarkStructureChanged(); }
            HashSet<string> gone = materials.TakeDeleted();
            if (gone.Count == 0) { return; }
            index.Slots.Forget(gone, user => index.FindUuid(ObjectKey.Of(user)), dirty);
            dirty.MarkStructureChanged();
        }

        /// <summary>Marks a material, or the action of a clip. Returns false for another object.</summary>
        public bool MarkAsset(Object changed, DirtySet dirty)
        {
            string material = changed is Material asset ? materials.FindUuid(asset) : null;
            if (material != null) { MarkMaterial(material, dirty); }
            string action = index.Actions.FindUuid(changed);
            if (action != null) { dirty.Add(action); }
            return changed is Material || action != null;
        }

        /// <summary>Marks a material, and gives the textures that it shows identities.</summary>
        public void MarkMaterial(string uuid, DirtySet dirty)
        {
            materials.IdentifyTextures(uuid, dirty);
            dirty.Add(uuid);
        }
    }
}
