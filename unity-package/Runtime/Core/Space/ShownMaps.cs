using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The part of the maps of a material that Unity shows: a texture for each slot, one place for all, and the numbers that are factors
    /// of a texture. A texture is named by the uuid of its image, or by the recipe that it is made by.
    /// </summary>
    public sealed class ShownMaps
    {
        /// <summary>A material without maps.</summary>
        public static readonly ShownMaps None = new ShownMaps();

        /// <summary>The name of the texture of each <see cref="MapSlot"/>; null without one.</summary>
        public string[] Keys { get; private set; } = new string[MapSlot.Count];

        public double[] Offset { get; private set; } = { 0, 0 };

        public double[] Tile { get; private set; } = { 1, 1 };

        /// <summary>The alpha of the color, if it is the factor of a map; null if it is the value.</summary>
        public double? Alpha { get; private set; }

        /// <summary>The smoothness, if it is the factor of a map; null if it is the value.</summary>
        public double? Smoothness { get; private set; }

        /// <summary>The remaps of the mask map; null for a shader without one.</summary>
        public MaskRemaps Remaps { get; private set; }

        /// <summary>Whether alpha did nothing at that time.</summary>
        public bool IsOpaque { get; private set; } = true;

        /// <summary>Whether Unity shows all of it. The rest is kept.</summary>
        public bool IsWhole { get; private set; } = true;

        /// <summary>Converts from canonical space.</summary>
        public static ShownMaps From(MapsComponent maps, in PbrValues values, MaterialShader shader, IMapImages images)
        {
            ShownMaps shown = new ShownMaps { IsOpaque = values.AlphaMode == PbrValues.Opaque };
            TextureMap Take(string field)
            {
                TextureMap map = maps.Find(field);
                if (map == null) { return null; }
                bool isColor = map.Channel == TextureMap.Colors;
                bool isPlain = map.Uv == 0 && map.Rotation == 0 && (!isColor || (map.Scale == 1 && map.Bias == 0));
                bool isPresent = images.IsPresent(map.Image);
                shown.IsWhole &= isPlain && isPresent;
                return isPresent ? map : null;
            }
            shown.ShowBase(Take(MapsComponent.BaseColor), shown.IsOpaque ? null : Take(MapsComponent.Alpha), images);
            TextureMap metallic = Take(MapsComponent.Metallic);
            TextureMap roughness = Take(MapsComponent.Roughness);
            TextureMap occlusion = Take(MapsComponent.Occlusion);
            if (shader.HasMask) { shown.ShowMask(metallic, roughness, occlusion, values, images); }
            else if (shader.MetallicMap != null) { shown.ShowMetallic(metallic, roughness, values.Metallic, images); }
            else { shown.IsWhole &= metallic == null && roughness == null; }
            shown.Keys[MapSlot.Normal] = Take(MapsComponent.Normal)?.Image;
            if (shader.OcclusionMap != null) { shown.ShowOcclusion(occlusion, images); }
            else { shown.IsWhole &= occlusion == null || shader.HasMask; }
            shown.Keys[MapSlot.Emission] = Take(MapsComponent.Emission)?.Image;
            shown.Place(maps, shader);
            return shown;
        }

        public JsonValue ToJson()
        {
            JsonValue keys = JsonValue.Array();
            foreach (string key in Keys) { keys.Add(key); }
            JsonValue json = JsonValue.Object().With("textures", keys).With("offset", Numbers.Write(Offset))
                .With("tile", Numbers.Write(Tile)).With("alpha", Numbers.Write(Alpha))
                .With("smoothness", Numbers.Write(Smoothness)).With("opaque", IsOpaque);
            return Remaps == null ? json : json.With("remaps", Remaps.ToJson());
        }

        public static ShownMaps Read(JsonValue json, string location)
        {
            List<JsonValue> keys = json.Required("textures", location).AsArray(location);
            if (keys.Count != MapSlot.Count) { throw new SyncException(ErrorCode.MessageMalformed, "no slots", location); }
            JsonValue remaps = json.Find("remaps");
            return new ShownMaps
            {
                Keys = keys.ConvertAll(key => key.IsNull ? null : key.AsString(location)).ToArray(),
                Offset = Numbers.Read(json, "offset", 2, location),
                Tile = Numbers.Read(json, "tile", 2, location),
                Alpha = Numbers.ReadOptional(json, "alpha", location),
                Smoothness = Numbers.ReadOptional(json, "smoothness", location),
                Remaps = remaps == null ? null : MaskRemaps.Read(remaps, location),
                IsOpaque = json.Required("opaque", location).AsBool(location),
            };
        }

        void ShowBase(TextureMap color, TextureMap alpha, IMapImages images)
        {
            if (color == null && alpha == null) { return; }
            // Unity takes the alpha of the texture in any case.
            bool isPlain = alpha == null ? IsOpaque || !images.HasAlpha(color.Image)
                : color != null && alpha.Image == color.Image && alpha.Channel == "a" && alpha.Bias == 0;
            if (!isPlain && Mix(MapSlot.Base, TextureRecipe.MakeColors(color, alpha), images))
            {
                if (alpha != null) { Alpha = 1; }
                return;
            }
            Keys[MapSlot.Base] = color?.Image;
            if (isPlain && alpha != null) { Alpha = alpha.Scale; }
        }

        void ShowMetallic(TextureMap metallic, TextureMap roughness, double constant, IMapImages images)
        {
            if (metallic == null && roughness == null) { return; }
            bool isRed = metallic != null && metallic.Channel == "r" && IsUnchanged(metallic);
            bool isPlain = isRed && (roughness == null ? !images.HasAlpha(metallic.Image)
                : roughness.Image == metallic.Image && roughness.Channel == "a" && roughness.Bias == 1);
            if (isPlain)
            {
                Keys[MapSlot.Metallic] = metallic.Image;
                if (roughness != null) { Smoothness = -roughness.Scale; }
                return;
            }
            TextureRecipe recipe = TextureRecipe.MakeMetallic(metallic, constant, roughness);
            if (Mix(MapSlot.Metallic, recipe, images) && roughness != null) { Smoothness = 1; }
        }

        void ShowMask(TextureMap metallic, TextureMap roughness, TextureMap occlusion, in PbrValues values, IMapImages images)
        {
            Remaps = new MaskRemaps();
            if (metallic != null || roughness != null || occlusion != null)
            {
                TextureRecipe recipe = TextureRecipe.MakeMask(metallic, roughness, occlusion, Remaps);
                Keys[MapSlot.Metallic] = recipe.PlainImage;
                if (Keys[MapSlot.Metallic] != null || Mix(MapSlot.Metallic, recipe, images))
                {
                    // With a mask map the shader reads no other number, so a constant is a remap, too.
                    if (metallic == null) { Remaps.Set(MaskRemaps.Metallic, values.Metallic, values.Metallic); }
                    if (roughness == null) { Remaps.Set(MaskRemaps.Smoothness, 1 - values.Roughness, 1 - values.Roughness); }
                    if (occlusion == null) { Remaps.Set(MaskRemaps.Occlusion, 1, 1); }
                }
                else { Remaps = new MaskRemaps(); }
            }
            Remaps.Weaken(values.OcclusionStrength);
        }

        void ShowOcclusion(TextureMap map, IMapImages images)
        {
            if (map == null) { return; }
            if (map.Channel == "g" && IsUnchanged(map)) { Keys[MapSlot.Occlusion] = map.Image; }
            else { Mix(MapSlot.Occlusion, TextureRecipe.MakeGray(map), images); }
        }

        /// <summary>Shows a texture that is made of images; returns false if that is not possible.</summary>
        bool Mix(int slot, TextureRecipe recipe, IMapImages images)
        {
            bool canMix = true;
            foreach (string image in recipe.Images) { canMix &= images.CanMix(image); }
            if (canMix) { Keys[slot] = recipe.Key; }
            IsWhole &= canMix;
            return canMix;
        }

        /// <summary>Takes the place of the first map that is shown: Unity has one for all.</summary>
        void Place(MapsComponent maps, MaterialShader shader)
        {
            TextureMap first = null;
            foreach (string field in MapsComponent.Fields)
            {
                TextureMap map = maps.Find(field);
                if (map == null || Keys[SlotOf(field, shader)] == null) { continue; }
                first = first ?? map;
                IsWhole &= TextureMap.HasSamePlace(map, first.Offset, first.Tile);
            }
            if (first != null) { (Offset, Tile) = (first.Offset, first.Tile); }
        }

        static int SlotOf(string field, MaterialShader shader)
        {
            switch (field)
            {
                case MapsComponent.BaseColor:
                case MapsComponent.Alpha:
                    return MapSlot.Base;
                case MapsComponent.Metallic:
                case MapsComponent.Roughness:
                    return MapSlot.Metallic;
                case MapsComponent.Normal: return MapSlot.Normal;
                case MapsComponent.Occlusion: return shader.HasMask ? MapSlot.Metallic : MapSlot.Occlusion;
                default: return MapSlot.Emission;
            }
        }

        static bool IsUnchanged(TextureMap map) => map.Scale == 1 && map.Bias == 0;
    }
}
