using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the textures of materials, with the keywords that the inspector of the shader sets.</summary>
    public sealed class MaterialTextures
    {
        /// <summary>The fields that each texture decides, as "component.field", by <see cref="MapSlot"/>.</summary>
        static readonly string[][] Decided =
        {
            new[] { "pbr.base_color" }, new[] { "pbr.metallic", "pbr.roughness" }, new string[0], new string[0],
            new[] { "emission.color", "emission.strength" },
        };

        static readonly string[][] Mapped =
        {
            new[] { "maps.base_color", "maps.alpha" }, new[] { "maps.metallic", "maps.roughness" }, new[] { "maps.normal" },
            new[] { "maps.occlusion" }, new[] { "maps.emission" },
        };

        readonly ImageStore images;
        readonly UnsupportedContent unsupported;
        readonly Predicate<string> isUsedOtherwise;

        /// <param name="isUsedOtherwise">Returns whether a material reads something else than normals from an image.</param>
        public MaterialTextures(ImageStore images, UnsupportedContent unsupported, Predicate<string> isUsedOtherwise)
        {
            this.images = images;
            this.unsupported = unsupported;
            this.isUsedOtherwise = isUsedOtherwise;
        }

        /// <summary>Gives the textures that a material shows identities.</summary>
        public void Identify(Material material, MaterialShader shader, DirtySet dirty)
        {
            if (shader == null || !images.IsSynchronized) { return; }
            foreach (string property in shader.Textures) { images.Identify(Find(material, property), material, dirty); }
        }

        public NativeMaps Read(Material material, MaterialShader shader)
        {
            NativeMaps maps = new NativeMaps
            {
                IsSmoothnessInBase = MaterialReader.IsSmoothnessInBase(material, shader),
                Remaps = MaterialReader.ReadRemaps(material, shader),
            };
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                Texture texture = Find(material, shader.Textures[slot]);
                if (texture == null) { continue; }
                maps.Keys[slot] = images.FindKey(texture);
                maps.Wraps[slot] = new[] { ImageSettings.ReadWrap(texture.wrapModeU), ImageSettings.ReadWrap(texture.wrapModeV) };
                maps.Filters[slot] = ImageSettings.ReadFilter(texture.filterMode);
            }
            Vector2 offset = material.GetTextureOffset(shader.BaseMap);
            Vector2 tile = material.GetTextureScale(shader.BaseMap);
            (maps.Offset, maps.Tile) = (new double[] { offset.x, offset.y }, new double[] { tile.x, tile.y });
            return maps;
        }

        /// <summary>Returns whether a material has a mask map without an identity: its remaps stay as they are.</summary>
        public bool HasOwnMask(Material material, MaterialShader shader) =>
            shader.HasMask && !NativeMaps.IsReadable(images.FindKey(Find(material, shader.MetallicMap)));

        /// <summary>Lists the fields that textures without an identity decide.</summary>
        public List<string> FindLocked(NativeMaps maps)
        {
            List<string> locked = new List<string>();
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                if (maps.Keys[slot] != NativeMaps.Foreign) { continue; }
                locked.AddRange(Decided[slot]);
                if (!images.IsSynchronized) { continue; }
                locked.AddRange(Mapped[slot]);
                if (slot == MapSlot.Metallic && maps.Remaps != null) { locked.AddRange(Mapped[MapSlot.Occlusion]); }
            }
            return locked;
        }

        /// <summary>Returns what Unity is to show of maps.</summary>
        public ShownMaps Show(MapsComponent maps, PbrComponent pbr, MaterialShader shader) =>
            ShownMaps.From(maps, pbr.Values, shader, images);

        /// <summary>Makes textures anew whose images have changed, and shows what had no file.</summary>
        public void Refresh(Material material, ShownMaps shown, MaterialShader shader)
        {
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                images.Mix(shown.Keys[slot]);
                bool isMissing = shown.Keys[slot] != null && Find(material, shader.Textures[slot]) == null;
                if (isMissing) { SetTexture(material, shader.Textures[slot], images.FindTexture(shown.Keys[slot])); }
            }
        }

        /// <summary>Sets what differs. Textures without an identity stay.</summary>
        public void Write(Material material, MapsComponent maps, ShownMaps shown, MaterialShader shader)
        {
            if (!images.IsSynchronized) { return; }
            foreach (string field in MapsComponent.Fields)
            {
                TextureMap map = maps.Find(field);
                if (map != null && images.IsPresent(map.Image)) { images.SetUse(map, IsNormal(map, field, maps, material)); }
            }
            foreach (string key in shown.Keys) { images.Mix(key); }
            NativeMaps before = Read(material, shader);
            for (int slot = 0; slot < MapSlot.Count; slot++)
            {
                bool isOthers = before.Keys[slot] == NativeMaps.Foreign || before.Keys[slot] == NativeMaps.Pending;
                if (isOthers || before.Keys[slot] == shown.Keys[slot] || shader.Textures[slot] == null) { continue; }
                SetTexture(material, shader.Textures[slot], images.FindTexture(shown.Keys[slot]));
            }
            Place(material, shader.BaseMap, shown);
            // The emission of the High Definition pipeline has a place of its own.
            if (shader.HasMask) { Place(material, shader.EmissionMap, shown); }
            if (shader.Pipeline == MaterialPipeline.Universal && material.HasProperty("_MainTex"))
            {
                // The lightmapper reads the name of the Built-in pipeline.
                SetTexture(material, "_MainTex", Find(material, shader.BaseMap));
                Place(material, "_MainTex", shown);
            }
            // The validation of the High Definition pipeline sets its keywords.
            if (shader.Pipeline != MaterialPipeline.HighDefinition) { SetKeywords(material, shader); }
        }

        /// <summary>Unity imports normals in a way of its own, so an image has either normals or something else.</summary>
        bool IsNormal(TextureMap map, string field, MapsComponent maps, Material material)
        {
            if (field != MapsComponent.Normal) { return false; }
            bool isShared = isUsedOtherwise(map.Image);
            foreach (string other in MapsComponent.Fields)
            {
                isShared |= other != MapsComponent.Normal && maps.Find(other)?.Image == map.Image;
            }
            if (isShared) { unsupported.Report("normals in images that have something else, too", material); }
            return !isShared;
        }

        static void SetKeywords(Material material, MaterialShader shader)
        {
            bool isUniversal = shader.Pipeline == MaterialPipeline.Universal;
            bool hasNormal = Find(material, shader.NormalMap) != null || Find(material, "_DetailNormalMap") != null;
            MaterialWriter.SetKeyword(material, "_NORMALMAP", hasNormal);
            if (shader.MetallicMap != null)
            {
                bool hasMetallic = Find(material, shader.MetallicMap) != null;
                MaterialWriter.SetKeyword(material, isUniversal ? "_METALLICSPECGLOSSMAP" : "_METALLICGLOSSMAP", hasMetallic);
            }
            if (isUniversal && shader.OcclusionMap != null)
            {
                MaterialWriter.SetKeyword(material, "_OCCLUSIONMAP", Find(material, shader.OcclusionMap) != null);
            }
        }

        static void SetTexture(Material material, string property, Texture texture)
        {
            if (material.HasProperty(property) && material.GetTexture(property) != texture) { material.SetTexture(property, texture); }
        }

        static void Place(Material material, string property, ShownMaps shown)
        {
            Vector2 offset = new Vector2((float)shown.Offset[0], (float)shown.Offset[1]);
            Vector2 tile = new Vector2((float)shown.Tile[0], (float)shown.Tile[1]);
            if (!material.GetTextureOffset(property).Equals(offset)) { material.SetTextureOffset(property, offset); }
            if (!material.GetTextureScale(property).Equals(tile)) { material.SetTextureScale(property, tile); }
        }

        static Texture Find(Material material, string property) =>
            property != null && material.HasProperty(property) ? material.GetTexture(property) : null;
    }
}
