using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the components of one material: its values and its maps, which decide some of them.</summary>
    public sealed class MaterialContent
    {
        readonly MaterialSupport support;
        readonly ImageStore images;
        readonly UnsupportedContent unsupported;

        /// <param name="isUsedOtherwise">See <see cref="MaterialTextures"/>.</param>
        public MaterialContent(MaterialSupport support, ImageStore images, UnsupportedContent unsupported,
            Predicate<string> isUsedOtherwise)
        {
            this.support = support;
            this.images = images;
            this.unsupported = unsupported;
            Textures = new MaterialTextures(images, unsupported, isUsedOtherwise);
        }

        public MaterialTextures Textures { get; }

        /// <summary>Reads the components of a material, and the fields that textures without an identity lock.</summary>
        /// <param name="tag">What editor and daemon shared last; null for a material of the user's.</param>
        public void Read(Entity entity, Material material, MaterialTag tag, MaterialShader shader, ICollection<string> locked)
        {
            NativeMaterial values = MaterialReader.Read(material, shader);
            NativeMaps maps = Textures.Read(material, shader);
            MapsComponent read = maps.ToMaps(tag?.Maps ?? MapsComponent.None, tag?.Shown ?? ShownMaps.None, values, images);
            PbrValues kept = tag?.Pbr.Values ?? PbrValues.Default;
            maps.Settle(ref values, kept);
            entity.Set(values.ToPbr(tag?.Pbr, shader, support.IsGamma));
            entity.Set(values.ToEmission(tag?.Emission, shader));
            if (images.IsSynchronized) { entity.Set(read); }
            foreach (string field in Textures.FindLocked(maps))
            {
                if (!locked.Contains(field)) { locked.Add(field); }
                if (!images.IsSynchronized) { unsupported.Report("textures of materials", material); }
            }
        }

        /// <summary>Returns the record of a material after a change.</summary>
        public MaterialTag Change(MaterialTag tag, Entity content, Material material, MaterialShader shader, bool isCreate)
        {
            Entity now = new Entity(tag.Uuid, Kinds.Material);
            Read(now, material, tag, shader, new List<string>());
            T Choose<T>(string key) where T : Core.Scene.Component => content.Find<T>(key) ?? now.Find<T>(key);
            PbrComponent pbr = Choose<PbrComponent>(PbrComponent.Name);
            // A create leaves out what is empty.
            MapsComponent maps = content.Find<MapsComponent>(MapsComponent.Name)
                ?? (isCreate ? MapsComponent.None : now.Find<MapsComponent>(MapsComponent.Name) ?? tag.Maps);
            ShownMaps shown = Textures.Show(maps, pbr, shader);
            if (!shown.IsWhole) { unsupported.Report("maps that the shader cannot show", material); }
            string name = content.Find<NameComponent>("name")?.Name;
            bool isNamed = name != null || material.name == tag.AssetName;
            return new MaterialTag
            {
                Uuid = tag.Uuid,
                Guid = tag.Guid,
                Name = name ?? tag.Name,
                AssetName = isNamed ? material.name : tag.AssetName,
                Pbr = pbr,
                Emission = Choose<EmissionComponent>(EmissionComponent.Name),
                Maps = maps,
                Shown = shown,
            };
        }

        /// <summary>Sets what differs.</summary>
        /// <param name="isNew">Whether keywords and states are set in any case.</param>
        public void Write(Material material, MaterialTag tag, MaterialShader shader, bool isNew)
        {
            Textures.Write(material, tag.Maps, tag.Shown, shader);
            new MaterialWriter(support).Write(material, Convert(material, tag, shader), shader, isNew);
        }

        /// <summary>Shows images that were missing or have changed.</summary>
        public void Refresh(Material material, ShownMaps shown, MaterialShader shader)
        {
            Textures.Refresh(material, shown, shader);
            // An inspector that saw the material without a texture has switched its keyword off.
            if (shader.Pipeline == MaterialPipeline.HighDefinition) { support.Validate(material); }
        }

        /// <summary>Returns what a renderer is to show of the values instead of the material.</summary>
        public MaterialPropertyBlock MakeBlock(Material material, MaterialTag tag, MaterialShader shader) =>
            MaterialBlock.Make(material, Convert(material, tag, shader), tag.Pbr.Values.BaseColor, shader);

        NativeMaterial Convert(Material material, MaterialTag tag, MaterialShader shader)
        {
            NativeMaterial values = NativeMaterial.From(tag.Pbr, tag.Emission, shader, support.IsGamma);
            values.BaseColor[3] = (float)(tag.Shown.Alpha ?? values.BaseColor[3]);
            values.Smoothness = (float)(tag.Shown.Smoothness ?? values.Smoothness);
            if (tag.Shown.Remaps == null || Textures.HasOwnMask(material, shader)) { return values; }
            values.Remaps = tag.Shown.Remaps;
            // Otherwise one property would be set to two numbers.
            values.Occlusion = (float)values.Remaps.Min(MaskRemaps.Occlusion);
            return values;
        }
    }
}
