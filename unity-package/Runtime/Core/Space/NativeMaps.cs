using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The textures of a material as Unity has them. A canonical map stays that of the kept component while Unity shows what
    /// follows from it, because it may say more than Unity shows.
    /// </summary>
    public sealed class NativeMaps
    {
        /// <summary>The name of a texture that has no identity: its fields are locked.</summary>
        public const string Foreign = "?";

        /// <summary>The name of a texture that gets an identity with the next look at the scene.</summary>
        public const string Pending = "...";

        /// <summary>The maps that a mask map shows.</summary>
        static readonly string[] Masked = { MapsComponent.Metallic, MapsComponent.Roughness, MapsComponent.Occlusion };

        /// <summary>The largest difference of equal numbers, which Unity holds in single precision.</summary>
        const double Tolerance = 1e-6;

        /// <summary>The name of the texture of each <see cref="MapSlot"/>; null without one.</summary>
        public readonly string[] Keys = new string[MapSlot.Count];

        /// <summary>The ways in which each texture goes on beyond its edges, and its filter.</summary>
        public readonly string[][] Wraps = new string[MapSlot.Count][];
        public readonly string[] Filters = new string[MapSlot.Count];

        public double[] Offset = { 0, 0 };

        public double[] Tile = { 1, 1 };

        /// <summary>Whether the smoothness is in the alpha of the base texture.</summary>
        public bool IsSmoothnessInBase;

        /// <summary>The remaps of the mask map; null for a shader without one.</summary>
        public MaskRemaps Remaps;

        /// <summary>The values of the material that the mask map decides. Known after the conversion.</summary>
        readonly MaskedValues masked = new MaskedValues();

        /// <summary>Whether alpha and smoothness of the material are factors of maps. Known after the conversion.</summary>
        public bool IsAlphaMapped { get; private set; }

        public bool IsSmoothnessMapped { get; private set; }

        /// <summary>Converts to canonical space.</summary>
        /// <param name="kept">The component that editor and daemon shared last.</param>
        /// <param name="shown">What Unity showed of it.</param>
        /// <param name="values">The numbers that the material has.</param>
        public MapsComponent ToMaps(MapsComponent kept, ShownMaps shown, in NativeMaterial values, IMapImages images)
        {
            Dictionary<string, TextureMap> maps = new Dictionary<string, TextureMap>();
            bool isMoved = !AreSame(Offset, shown.Offset) || !AreSame(Tile, shown.Tile);
            foreach (string field in MapsComponent.Fields)
            {
                TextureMap map = kept.Find(field);
                if (map == null || !images.IsKnown(map.Image)) { continue; }
                bool follows = isMoved && TextureMap.HasSamePlace(map, shown.Offset, shown.Tile);
                maps[field] = follows ? Move(map) : map;
            }
            ReadBase(maps, shown, values, images);
            if (Remaps != null) { ReadMask(maps, kept, shown, images); }
            else { ReadMetallic(maps, shown, values, images); }
            if (IsChanged(MapSlot.Normal, shown, images)) { Set(maps, MapsComponent.Normal, MapSlot.Normal, Colors(MapSlot.Normal)); }
            if (Remaps == null && IsChanged(MapSlot.Occlusion, shown, images))
            {
                Set(maps, MapsComponent.Occlusion, MapSlot.Occlusion,
                    Recipe(MapSlot.Occlusion)?.ToMap(1) ?? Number(MapSlot.Occlusion, "g", 1, 0));
            }
            if (IsChanged(MapSlot.Emission, shown, images))
            {
                Set(maps, MapsComponent.Emission, MapSlot.Emission, Colors(MapSlot.Emission));
            }
            bool isSame = Array.TrueForAll(MapsComponent.Fields, field =>
                (maps.TryGetValue(field, out TextureMap map) ? map : null) == kept.Find(field));
            return isSame ? kept : new MapsComponent(maps);
        }

        void ReadBase(Dictionary<string, TextureMap> maps, ShownMaps shown, in NativeMaterial values, IMapImages images)
        {
            bool isOpaque = values.AlphaMode == PbrValues.Opaque;
            bool isChanged = IsChanged(MapSlot.Base, shown, images);
            TextureRecipe recipe = Recipe(MapSlot.Base);
            if (isChanged) { Set(maps, MapsComponent.BaseColor, MapSlot.Base, Colors(MapSlot.Base)); }
            bool isScaled = shown.Alpha != null && !IsSame(values.BaseColor[3], shown.Alpha.Value);
            bool readsAlpha = !isOpaque && IsReadable(MapSlot.Base) && (isChanged || isScaled || shown.IsOpaque);
            IsAlphaMapped = !isOpaque && shown.Alpha != null;
            if (!readsAlpha) { return; }
            string key = Keys[MapSlot.Base];
            TextureMap alpha = recipe != null ? recipe.ToMap(3, values.BaseColor[3])
                : key != null && images.HasAlpha(key) ? Number(MapSlot.Base, "a", values.BaseColor[3], 0) : null;
            Set(maps, MapsComponent.Alpha, MapSlot.Base, alpha);
            IsAlphaMapped = alpha != null;
        }

        void ReadMetallic(Dictionary<string, TextureMap> maps, ShownMaps shown, in NativeMaterial values, IMapImages images)
        {
            double factor = values.Smoothness;
            bool isChanged = IsChanged(MapSlot.Metallic, shown, images);
            TextureRecipe recipe = Recipe(MapSlot.Metallic);
            if (isChanged)
            {
                Set(maps, MapsComponent.Metallic, MapSlot.Metallic, recipe?.ToMap(0) ?? Number(MapSlot.Metallic, "r", 1, 0));
            }
            bool isScaled = shown.Smoothness != null && !IsSame(factor, shown.Smoothness.Value);
            bool isReadable = IsSmoothnessInBase ? IsReadable(MapSlot.Base) : IsReadable(MapSlot.Metallic);
            IsSmoothnessMapped = shown.Smoothness != null;
            if (!isReadable || !(isChanged || isScaled || IsSmoothnessInBase)) { return; }
            int slot = IsSmoothnessInBase ? MapSlot.Base : MapSlot.Metallic;
            string key = Keys[slot];
            TextureRecipe mixed = Recipe(slot);
            TextureMap roughness = mixed != null ? mixed.ToMap(3, -factor, 1)
                : key != null && images.HasAlpha(key) ? Number(slot, "a", -factor, 1) : null;
            Set(maps, MapsComponent.Roughness, slot, roughness);
            IsSmoothnessMapped = roughness != null;
        }

        void ReadMask(Dictionary<string, TextureMap> maps, MapsComponent kept, ShownMaps shown, IMapImages images)
        {
            bool isChanged = IsChanged(MapSlot.Metallic, shown, images);
            string key = Keys[MapSlot.Metallic];
            bool IsSame(int value) => shown.Remaps != null && Remaps.IsSame(value, shown.Remaps);
            // A mask map that a person took off leaves its remap, which says nothing about the strength if it has no occlusion.
            bool isLeft = key == null && Remaps.IsConstant(MaskRemaps.Occlusion);
            if (isLeft || IsSame(MaskRemaps.Occlusion)) { masked.Keep(MaskRemaps.Occlusion); }
            if (key == null && shown.Keys[MapSlot.Metallic] == null) { return; }
            if (!IsReadable(MapSlot.Metallic)) { return; }
            if (key == null && isChanged)
            {
                foreach (string field in Masked) { maps.Remove(field); }
                return;
            }
            for (int value = 0; value < MaskRemaps.Count; value++) { masked.Keep(value); }
            if (key == null) { return; }
            foreach (int value in new[] { MaskRemaps.Metallic, MaskRemaps.Smoothness })
            {
                if (!isChanged && IsSame(value)) { continue; }
                bool isMetallic = value == MaskRemaps.Metallic;
                TextureMap found = Remaps.IsConstant(value) ? null
                    : isMetallic ? FindMasked(0, Remaps.Range(value), Remaps.Min(value), images)
                    : FindMasked(3, -Remaps.Range(value), 1 - Remaps.Min(value), images);
                Set(maps, isMetallic ? MapsComponent.Metallic : MapsComponent.Roughness, MapSlot.Metallic, found);
                double constant = Recipe(MapSlot.Metallic)?.FindConstant(isMetallic ? 0 : 3) ?? 1;
                if (found == null) { masked.Set(value, Remaps.Min(value) + Remaps.Range(value) * constant); }
            }
            if (isChanged || !IsSame(MaskRemaps.Occlusion)) { ReadMaskedOcclusion(maps, kept, isChanged, images); }
        }

        /// <summary>A change of the strength alone leaves the map.</summary>
        void ReadMaskedOcclusion(Dictionary<string, TextureMap> maps, MapsComponent kept, bool isChanged, IMapImages images)
        {
            TextureMap before = kept.Find(MapsComponent.Occlusion);
            bool isConstant = Remaps.IsConstant(MaskRemaps.Occlusion);
            if (before == null && isConstant) { return; }
            MaskRemaps full = new MaskRemaps();
            if (before != null) { TextureRecipe.MakeMask(null, null, before, full); }
            double? strength = Remaps.FindStrength(full);
            bool isKept = strength != null && !isChanged && before != null;
            if (strength == null) { strength = Remaps.FindStrength(full = new MaskRemaps()); }
            if (strength == null) { full = Remaps; }
            masked.Set(MaskRemaps.Occlusion, strength ?? 1);
            if (isKept) { return; }
            TextureMap found = strength == null && isConstant ? null
                : FindMasked(1, full.Range(MaskRemaps.Occlusion), full.Min(MaskRemaps.Occlusion), images);
            Set(maps, MapsComponent.Occlusion, MapSlot.Metallic, found);
        }

        /// <summary>Returns the map of one channel of the mask map; null for a constant.</summary>
        TextureMap FindMasked(int channel, double scale, double bias, IMapImages images)
        {
            TextureRecipe recipe = Recipe(MapSlot.Metallic);
            if (recipe != null) { return recipe.ToMap(channel, scale, bias); }
            bool isOne = channel == 3 && !images.HasAlpha(Keys[MapSlot.Metallic]);
            return isOne ? null : Number(MapSlot.Metallic, TextureRecipe.Letters[channel].ToString(), scale, bias);
        }

        /// <summary>
        /// Replaces numbers that are the factor of a map by the kept value: they say nothing about the value without the map.
        /// </summary>
        public void Settle(ref NativeMaterial values, in PbrValues kept)
        {
            if (IsAlphaMapped) { values.BaseColor[3] = (float)kept.BaseColor[3]; }
            if (IsSmoothnessMapped) { values.Smoothness = (float)(1 - kept.Roughness); }
            if (Remaps == null) { return; }
            values.Metallic = (float)masked.Find(MaskRemaps.Metallic, values.Metallic, kept.Metallic);
            values.Smoothness = (float)masked.Find(MaskRemaps.Smoothness, values.Smoothness, 1 - kept.Roughness);
            values.Occlusion = (float)(1 - masked.Find(MaskRemaps.Occlusion, 1 - values.Occlusion, kept.OcclusionStrength));
        }

        /// <summary>
        /// Returns whether a slot shows another texture. A texture that is gone with its file is no change: it is shown again.
        /// </summary>
        bool IsChanged(int slot, ShownMaps shown, IMapImages images)
        {
            string before = shown.Keys[slot];
            if (!IsReadable(slot) || Keys[slot] == before) { return false; }
            return Keys[slot] != null || images.IsPresent(before) || !IsKept(before, images);
        }

        static bool IsKept(string key, IMapImages images) =>
            TextureRecipe.Parse(key) != null || images.IsKnown(key);

        /// <summary>Returns whether a name is that of a texture with an identity, or of none.</summary>
        public static bool IsReadable(string key) => key != Foreign && key != Pending;

        bool IsReadable(int slot) => IsReadable(Keys[slot]);

        TextureRecipe Recipe(int slot) => Keys[slot] == null || Uuid.IsValid(Keys[slot]) ? null : TextureRecipe.Parse(Keys[slot]);

        TextureMap Colors(int slot)
        {
            TextureRecipe recipe = Recipe(slot);
            string image = recipe != null ? recipe.ColorImage : Keys[slot];
            return image == null ? null : new TextureMap { Image = image };
        }

        TextureMap Number(int slot, string channel, double scale, double bias) => Keys[slot] == null ? null
            : new TextureMap { Image = Keys[slot], Channel = channel, Scale = scale, Bias = bias };

        /// <summary>Sets a map as Unity shows it. Values for which Unity has no field stay, if it is the same image.</summary>
        void Set(Dictionary<string, TextureMap> maps, string field, int slot, TextureMap found)
        {
            maps.TryGetValue(field, out TextureMap before);
            if (found == null)
            {
                maps.Remove(field);
                return;
            }
            bool isKnown = before != null && before.Image == found.Image;
            (found.Offset, found.Tile) = (Offset, Tile);
            (found.Wrap, found.Filter) = isKnown ? (before.Wrap, before.Filter) : (Wraps[slot], Filters[slot]);
            if (isKnown) { (found.Uv, found.Rotation) = (before.Uv, before.Rotation); }
            maps[field] = TextureMap.AreSame(before, found) ? before : found;
        }

        TextureMap Move(TextureMap map)
        {
            TextureMap moved = map.Clone();
            (moved.Offset, moved.Tile) = (Offset, Tile);
            return moved;
        }

        static bool AreSame(double[] a, double[] b) => IsSame(a[0], b[0]) && IsSame(a[1], b[1]);

        static bool IsSame(double a, double b) => Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));
    }
}
