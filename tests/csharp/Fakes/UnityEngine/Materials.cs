using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityFakes;

namespace UnityEngine
{
    public enum ColorSpace
    {
        Uninitialized = -1,
        Gamma = 0,
        Linear = 1,
    }

    [Flags]
    public enum MaterialGlobalIlluminationFlags
    {
        None = 0,
        RealtimeEmissive = 1,
        BakedEmissive = 2,
        EmissiveIsBlack = 4,
        AnyEmissive = 3,
    }

    /// <summary>A shader with the properties that materials of it have, and with their defaults.</summary>
    public sealed class Shader : Object
    {
        internal const string Standard = "Standard";
        internal const string Universal = "Universal Render Pipeline/Lit";
        internal const string HighDefinition = "HDRP/Lit";

        static readonly Dictionary<string, Shader> Known = new Dictionary<string, Shader>();

        internal readonly List<string> Names = new List<string>();
        internal readonly Dictionary<string, float> Floats = new Dictionary<string, float>();
        internal readonly Dictionary<string, Color> Colors = new Dictionary<string, Color>();
        internal readonly HashSet<string> Textures = new HashSet<string>();

        /// <summary>The property with the attribute MainColor; null without one.</summary>
        internal string MainColor;

        internal Shader()
        {
        }

        public int renderQueue => 2000;

        /// <summary>Returns null for a shader that the project does not have.</summary>
        public static Shader Find(string name)
        {
            if (Faults.MissingShaders.Contains(name)) { return null; }
            if (Known.TryGetValue(name, out Shader known)) { return known; }
            Shader made = Make(name);
            if (made == null) { return null; }
            made.name = name;
            return Known[name] = made;
        }

        public int GetPropertyCount() => Names.Count;

        public string GetPropertyName(int propertyIndex) => Names[propertyIndex];

        public Rendering.ShaderPropertyFlags GetPropertyFlags(int propertyIndex) => Names[propertyIndex] == MainColor
            ? Rendering.ShaderPropertyFlags.MainColor : Rendering.ShaderPropertyFlags.None;

        /// <summary>Adds a shader of the user's, with these properties: floats, and colors after a #.</summary>
        internal static Shader Add(string name, string mainColor, params string[] properties)
        {
            Shader made = new Shader { name = name, MainColor = mainColor };
            foreach (string property in properties)
            {
                if (property.StartsWith("#", StringComparison.Ordinal)) { made.Color(property.Substring(1), 1, 1, 1); }
                else { made.Float(property, 0); }
            }
            return Known[name] = made;
        }

        static Shader Make(string name)
        {
            switch (name)
            {
                case Standard: return MakeStandard();
                case Universal:
                case "Universal Render Pipeline/Complex Lit":
                    return MakeUniversal().Float("_Metallic", 0).Float("_OcclusionStrength", 1).Texture("_MetallicGlossMap")
                        .Texture("_OcclusionMap").Float("_SmoothnessTextureChannel", 0);
                case "Universal Render Pipeline/Simple Lit": return MakeUniversal();
                case HighDefinition: return MakeHighDefinition();
                case "Unlit/Color": return new Shader().Color("_Color", 1, 1, 1);
                default: return null;
            }
        }

        static Shader MakeStandard() => new Shader().Color("_Color", 1, 1, 1).Float("_Metallic", 0).Float("_Glossiness", 0.5f)
            .Float("_BumpScale", 1).Float("_OcclusionStrength", 1).Float("_Cutoff", 0.5f).Float("_Mode", 0)
            .Float("_SrcBlend", 1).Float("_DstBlend", 0).Float("_ZWrite", 1).Color("_EmissionColor", 0, 0, 0)
            .Texture("_MainTex").Texture("_MetallicGlossMap").Texture("_EmissionMap").Texture("_BumpMap")
            .Texture("_OcclusionMap").Texture("_DetailNormalMap").Float("_GlossMapScale", 1).Float("_SmoothnessTextureChannel", 0);

        static Shader MakeUniversal() => new Shader().Color("_BaseColor", 1, 1, 1).Color("_Color", 1, 1, 1)
            .Float("_Smoothness", 0.5f).Float("_BumpScale", 1).Float("_Cutoff", 0.5f).Float("_Surface", 0).Float("_Blend", 0)
            .Float("_AlphaClip", 0).Float("_AlphaToMask", 0).Float("_Cull", 2).Float("_SrcBlend", 1).Float("_DstBlend", 0)
            .Float("_SrcBlendAlpha", 1).Float("_DstBlendAlpha", 0).Float("_ZWrite", 1).Float("_QueueOffset", 0)
            .Float("_BlendModePreserveSpecular", 1).Color("_EmissionColor", 0, 0, 0).Texture("_BaseMap")
            .Texture("_MainTex").Texture("_EmissionMap").Texture("_BumpMap");

        static Shader MakeHighDefinition() => new Shader().Color("_BaseColor", 1, 1, 1).Color("_Color", 1, 1, 1)
            .Float("_Metallic", 0).Float("_Smoothness", 0.5f).Float("_NormalScale", 1).Float("_AORemapMin", 0)
            .Float("_AORemapMax", 1).Float("_MetallicRemapMin", 0).Float("_MetallicRemapMax", 1)
            .Float("_SmoothnessRemapMin", 0).Float("_SmoothnessRemapMax", 1)
            .Float("_AlphaCutoff", 0.5f).Float("_AlphaCutoffEnable", 0).Float("_SurfaceType", 0)
            .Float("_DoubleSidedEnable", 0).Color("_EmissiveColor", 0, 0, 0).Float("_UseEmissiveIntensity", 0)
            .Texture("_BaseColorMap").Texture("_MaskMap").Texture("_NormalMap").Texture("_EmissiveColorMap");

        Shader Float(string name, float value)
        {
            Names.Add(name);
            Floats.Add(name, value);
            return this;
        }

        Shader Color(string name, float r, float g, float b)
        {
            Names.Add(name);
            Colors.Add(name, new Color(r, g, b, 1));
            return this;
        }

        Shader Texture(string name)
        {
            Names.Add(name);
            Textures.Add(name);
            return this;
        }
    }

    /// <summary>A material with the properties of its shader. Those of a former shader stay stored.</summary>
    public class Material : Object
    {
        readonly SortedDictionary<string, float> floats = new SortedDictionary<string, float>(StringComparer.Ordinal);
        readonly SortedDictionary<string, Color> colors = new SortedDictionary<string, Color>(StringComparer.Ordinal);
        readonly SortedDictionary<string, string> textures = new SortedDictionary<string, string>(StringComparer.Ordinal);
        readonly SortedDictionary<string, Vector2> offsets = new SortedDictionary<string, Vector2>(StringComparer.Ordinal);
        readonly SortedDictionary<string, Vector2> tiles = new SortedDictionary<string, Vector2>(StringComparer.Ordinal);
        readonly SortedDictionary<string, string> tags = new SortedDictionary<string, string>(StringComparer.Ordinal);
        readonly SortedSet<string> keywords = new SortedSet<string>(StringComparer.Ordinal);
        readonly SortedSet<string> disabledPasses = new SortedSet<string>(StringComparer.Ordinal);
        string shaderName = Shader.Standard;
        int queue = -1;
        int above;

        internal Material()
        {
        }

        public Material(Shader shader)
        {
            shaderName = shader.name;
        }

        public Shader shader
        {
            get { Check(); return Shader.Find(shaderName); }
            set { Check(); shaderName = value.name; }
        }

        public int renderQueue
        {
            get => queue == -1 ? shader.renderQueue : queue;
            set => queue = value;
        }

        public MaterialGlobalIlluminationFlags globalIlluminationFlags { get; set; } = MaterialGlobalIlluminationFlags.EmissiveIsBlack;

        public bool doubleSidedGI { get; set; }

#if UNITY_2022_3_OR_NEWER
        public Material parent
        {
            get => Engine.LoadedObjects.TryGetValue(above, out Object found) ? (Material)found : null;
            set => above = value == null ? 0 : value.Id;
        }
#endif

        public bool HasProperty(string name) => shader.Names.Contains(name);

        public float GetFloat(string name)
        {
            Require(shader.Floats.ContainsKey(name), name);
            return floats.TryGetValue(name, out float value) ? value
                : shader.Floats.TryGetValue(name, out float preset) ? preset : 0;
        }

        public void SetFloat(string name, float value)
        {
            Check();
            Require(shader.Floats.ContainsKey(name), name);
            floats[name] = value;
        }

        public Color GetColor(string name)
        {
            Require(shader.Colors.ContainsKey(name), name);
            return colors.TryGetValue(name, out Color value) ? value
                : shader.Colors.TryGetValue(name, out Color preset) ? preset : default;
        }

        public void SetColor(string name, Color value)
        {
            Check();
            Require(shader.Colors.ContainsKey(name), name);
            colors[name] = value;
        }

        public Texture GetTexture(string name)
        {
            Require(shader.Textures.Contains(name), name);
            return textures.TryGetValue(name, out string reference) ? Resolve(reference) : null;
        }

        public void SetTexture(string name, Texture value)
        {
            Require(shader.Textures.Contains(name), name);
            textures[name] = value == null ? "" : Refer(value);
        }

        public Vector2 GetTextureOffset(string name) => offsets.TryGetValue(name, out Vector2 value) ? value : default;

        public void SetTextureOffset(string name, Vector2 value)
        {
            Require(shader.Textures.Contains(name), name);
            offsets[name] = value;
        }

        public Vector2 GetTextureScale(string name) => tiles.TryGetValue(name, out Vector2 value) ? value : new Vector2(1, 1);

        public void SetTextureScale(string name, Vector2 value)
        {
            Require(shader.Textures.Contains(name), name);
            tiles[name] = value;
        }

        /// <summary>A texture in a file is named by the id of the file: it is shown again when the file comes back.</summary>
        static string Refer(Texture texture)
        {
            AssetFile file = AssetFile.Of(texture);
            return file == null ? "object " + texture.Id : "file " + Guids.Of(file.Path);
        }

        static Texture Resolve(string reference)
        {
            string[] words = reference.Split(' ');
            if (words[0] == "object")
            {
                return Engine.LoadedObjects.TryGetValue(int.Parse(words[1]), out Object found) ? (Texture)found : null;
            }
            string path = words[0] == "file" ? Guids.ToPath(reference.Substring(5)) : "";
            return path.Length == 0 ? null : AssetFile.Load(path)?.Objects.OfType<Texture>().FirstOrDefault();
        }

        public void EnableKeyword(string keyword) => keywords.Add(keyword);

        public void DisableKeyword(string keyword) => keywords.Remove(keyword);

        public bool IsKeywordEnabled(string keyword) => keywords.Contains(keyword);

        /// <summary>An empty value removes the tag.</summary>
        public void SetOverrideTag(string tag, string val)
        {
            Check();
            if (val.Length == 0) { tags.Remove(tag); }
            else { tags[tag] = val; }
        }

        public string GetTag(string tag, bool searchFallbacks, string defaultValue)
        {
            Check();
            return tags.TryGetValue(tag, out string value) ? value : defaultValue;
        }

        public void SetShaderPassEnabled(string passName, bool enabled)
        {
            if (enabled) { disabledPasses.Remove(passName); }
            else { disabledPasses.Add(passName); }
        }

        public bool GetShaderPassEnabled(string passName) => !disabledPasses.Contains(passName);

        internal void Write(BinaryWriter writer, bool losesTags = false)
        {
            writer.Write(shaderName);
            writer.Write(queue);
            writer.Write((int)globalIlluminationFlags);
            writer.Write(doubleSidedGI);
            writer.Write(above);
            WriteAll(writer, floats, writer.Write);
            WriteAll(writer, colors, color =>
            {
                foreach (float channel in new[] { color.r, color.g, color.b, color.a }) { writer.Write(channel); }
            });
            WriteAll(writer, textures, writer.Write);
            foreach (SortedDictionary<string, Vector2> places in new[] { offsets, tiles })
            {
                WriteAll(writer, places, place =>
                {
                    writer.Write(place.x);
                    writer.Write(place.y);
                });
            }
            WriteAll(writer, losesTags ? new SortedDictionary<string, string>() : tags, writer.Write);
            foreach (SortedSet<string> set in new[] { keywords, disabledPasses })
            {
                writer.Write(set.Count);
                foreach (string word in set) { writer.Write(word); }
            }
        }

        internal void ReadFrom(BinaryReader reader)
        {
            shaderName = reader.ReadString();
            queue = reader.ReadInt32();
            globalIlluminationFlags = (MaterialGlobalIlluminationFlags)reader.ReadInt32();
            doubleSidedGI = reader.ReadBoolean();
            above = reader.ReadInt32();
            ReadAll(reader, floats, reader.ReadSingle);
            ReadAll(reader, colors,
                () => new Color(reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle(), reader.ReadSingle()));
            ReadAll(reader, textures, reader.ReadString);
            foreach (SortedDictionary<string, Vector2> places in new[] { offsets, tiles })
            {
                ReadAll(reader, places, () => new Vector2(reader.ReadSingle(), reader.ReadSingle()));
            }
            ReadAll(reader, tags, reader.ReadString);
            foreach (SortedSet<string> set in new[] { keywords, disabledPasses })
            {
                set.Clear();
                for (int count = reader.ReadInt32(); count > 0; count--) { set.Add(reader.ReadString()); }
            }
        }

        internal override object Capture()
        {
            using (MemoryStream stream = new MemoryStream())
            {
                Write(new BinaryWriter(stream));
                return (base.Capture(), Convert.ToBase64String(stream.ToArray()));
            }
        }

        internal override void Restore(object state)
        {
            (object named, string bytes) = ((object, string))state;
            base.Restore(named);
            ReadFrom(new BinaryReader(new MemoryStream(Convert.FromBase64String(bytes))));
        }

        /// <summary>Unity logs an error for a property that the shader does not have.</summary>
        void Require(bool has, string property)
        {
            if (!has) { Engine.Log.Add("error Material '" + name + "' doesn't have a property '" + property + "'"); }
        }

        static void WriteAll<T>(BinaryWriter writer, SortedDictionary<string, T> values, Action<T> write)
        {
            writer.Write(values.Count);
            foreach (KeyValuePair<string, T> value in values)
            {
                writer.Write(value.Key);
                write(value.Value);
            }
        }

        static void ReadAll<T>(BinaryReader reader, SortedDictionary<string, T> values, Func<T> read)
        {
            values.Clear();
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                string key = reader.ReadString();
                values[key] = read();
            }
        }
    }
}

namespace UnityEngine.Rendering
{
    public enum BlendMode
    {
        Zero = 0,
        One = 1,
        SrcAlpha = 5,
        OneMinusSrcAlpha = 10,
    }

    public enum CullMode
    {
        Off = 0,
        Front = 1,
        Back = 2,
    }

    public enum RenderQueue
    {
        Geometry = 2000,
        AlphaTest = 2450,
        Transparent = 3000,
    }

    [Flags]
    public enum ShaderPropertyFlags
    {
        None = 0,
        MainColor = 256,
    }
}

namespace UnityEditor
{
    public sealed class PlayerSettings : UnityEngine.Object
    {
        PlayerSettings()
        {
        }

        public static UnityEngine.ColorSpace colorSpace =>
            Canvas.IsLinear ? UnityEngine.ColorSpace.Linear : UnityEngine.ColorSpace.Gamma;
    }
}
