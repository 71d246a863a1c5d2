using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Reads materials in canonical form from Unity's own properties, and makes a user's edits of them. The conversions are
    /// not those of the package. Records of the package have the values for which Unity has no property.
    /// </summary>
    static class Materials
    {
        const string Folder = "Assets/Mine";

        /// <summary>Creates a material asset with the shader of the pipeline; it is sent once an object shows it.</summary>
        internal static JsonValue Create(JsonValue command)
        {
            Directory.CreateDirectory(Path.Combine(Engine.ProjectFolder, Folder));
            Material made = new Material(Shader.Find(MaterialSupport.Find().Shader.Name));
            SetFields(made, command);
            AssetDatabase.CreateAsset(made, AssetDatabase.GenerateUniqueAssetPath(
                Folder + "/" + command.RequiredString("name", "") + ".mat"));
            return JsonValue.Object().With("uuid", UserMaterials.FindUuid(made));
        }

        /// <summary>Sets properties as the inspector does.</summary>
        internal static void Edit(JsonValue command)
        {
            Material target = Find(command.RequiredString("uuid", ""));
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(target, "Edit");
            SetFields(target, command);
        }

        internal static void Remove(JsonValue command) =>
            AssetDatabase.DeleteAsset(AssetDatabase.GetAssetPath(Find(command.RequiredString("uuid", ""))));

        /// <summary>Assigns a material to a slot of one object; null is the default material.</summary>
        internal static void Assign(GameObject target, JsonValue command)
        {
            Renderer renderer = target.GetComponent<Renderer>();
            int slot = (int)command.Required("slot", "").AsNumber("slot");
            JsonValue uuid = command.Required("material", "");
            Material material = uuid.IsNull ? UnityCompat.DefaultMaterial() : Find(uuid.AsString("material"));
            Material[] shown = renderer.sharedMaterials;
            if (slot >= shown.Length) { Array.Resize(ref shown, slot + 1); }
            shown[slot] = material;
            Undo.RecordObject(renderer, "Assign");
            renderer.sharedMaterials = shown;
        }

        internal static JsonValue Read(MaterialIdentity identity)
        {
            Material material = identity.Material;
            string text = material.GetTag("VibeSync", false, "");
            JsonValue tag = text.Length == 0 ? null : JsonReader.Read(text);
            string guid = AssetDatabase.AssetPathToGUID(AssetDatabase.GetAssetPath(material));
            bool isOurs = tag != null && tag.RequiredString("guid", "") == guid;
            string keptName = isOurs ? tag.RequiredString("name", "") : identity.Name;
            string keptAsset = isOurs ? tag.RequiredString("asset", "") : identity.AssetName;
            bool isNamed = keptName.Length > 0 && keptAsset == material.name;
            JsonValue components = JsonValue.Object().With("name", isNamed ? keptName : material.name)
                .With("pbr", ReadPbr(material, isOurs ? tag.Required("pbr", "") : null))
                .With("emission", ReadEmission(material, isOurs ? tag.Required("emission", "") : null));
            JsonValue maps = Images.ReadMaps(material, isOurs ? tag.Find("maps") : null);
            if (maps != null) { components.With("maps", maps); }
            JsonValue locks = identity.Locks.Length == 0 ? JsonValue.Object() : JsonReader.Read(identity.Locks);
            JsonValue shown = JsonValue.Object();
            if (locks.Find("blender") != null) { shown.With("blender", locks.Find("blender")); }
            if (!isOurs)
            {
                shown.With("unity", JsonValue.Object().With("emission", JsonValue.Array("color", "strength")).With("maps",
                    JsonValue.Array("alpha", "base_color", "emission", "metallic", "normal", "occlusion", "roughness")).With("pbr",
                    JsonValue.Array("alpha_cutoff", "alpha_mode", "base_color", "double_sided", "metallic", "normal_scale",
                        "occlusion_strength", "roughness")));
            }
            if (shown.AsObject("").Any()) { components.With("locks", shown); }
            return components;
        }

        /// <summary>Returns the slots of a mesh; null for none.</summary>
        internal static JsonValue ReadSlots(MeshIdentity mesh)
        {
            JsonValue slots = mesh.Slots.Length == 0 ? null : JsonReader.Read(mesh.Slots);
            return slots == null || slots.Required("materials", "").AsArray("").Count == 0 ? null : slots;
        }

        /// <summary>Returns what an object shows instead of the materials of its mesh; null for nothing.</summary>
        internal static JsonValue ReadOwn(GameObject item, MeshIdentity mesh, VibeSyncScene record, Identities identities)
        {
            SortedDictionary<int, JsonValue> own = new SortedDictionary<int, JsonValue>();
            string kept = identities.FindKept(item).Materials;
            if (kept.Length > 0)
            {
                foreach (KeyValuePair<string, JsonValue> slot in JsonReader.Read(kept).Required("own", "").AsObject(""))
                {
                    own[int.Parse(slot.Key)] = slot.Value;
                }
            }
            Renderer renderer = item.GetComponent<Renderer>();
            int count = mesh == null || renderer == null ? 0
                : Math.Min(mesh.Mesh.subMeshCount, renderer.sharedMaterials.Length);
            List<JsonValue> slots = mesh == null ? new List<JsonValue>()
                : ReadSlots(mesh)?.Required("materials", "").AsArray("") ?? new List<JsonValue>();
            for (int i = 0; i < count; i++)
            {
                string shown = record.Materials.Find(each => each.Material == renderer.sharedMaterials[i] && each.Material != null)?.Uuid;
                string fromMesh = i < slots.Count && !slots[i].IsNull ? slots[i].AsString("") : null;
                string expected = own.TryGetValue(i, out JsonValue value) ? value.IsNull ? null : value.AsString("") : fromMesh;
                if (shown == expected) { continue; }
                if (shown == fromMesh) { own.Remove(i); }
                else { own[i] = shown; }
            }
            if (own.Count == 0) { return null; }
            JsonValue json = JsonValue.Object();
            foreach (KeyValuePair<int, JsonValue> slot in own) { json.With(slot.Key.ToString(), slot.Value); }
            return JsonValue.Object().With("own", json);
        }

        static JsonValue ReadPbr(Material material, JsonValue kept)
        {
            Color color = material.GetColor("_Color");
            float mode = material.GetFloat("_Mode");
            return JsonValue.Object()
                .With("base_color", JsonValue.Array(Linear(color.r), Linear(color.g), Linear(color.b), Math.Min(1, color.a)))
                .With("metallic", material.GetFloat("_Metallic")).With("roughness", 1.0 - material.GetFloat("_Glossiness"))
                .With("alpha_mode", mode >= 2 ? "blend" : mode == 1 ? "mask" : "opaque")
                .With("alpha_cutoff", material.GetFloat("_Cutoff"))
                .With("double_sided", kept != null && kept.Required("double_sided", "").AsBool(""))
                .With("normal_scale", material.GetFloat("_BumpScale"))
                .With("occlusion_strength", material.GetFloat("_OcclusionStrength"));
        }

        static JsonValue ReadEmission(Material material, JsonValue kept)
        {
            Color color = material.IsKeywordEnabled("_EMISSION") ? material.GetColor("_EmissionColor") : default;
            double[] product = { color.r, color.g, color.b };
            double largest = product.Max();
            JsonValue split = kept == null ? JsonValue.Array(1, 1, 1) : kept.Required("color", "");
            if (largest <= 0) { return JsonValue.Object().With("color", split).With("strength", 0); }
            return JsonValue.Object().With("strength", largest)
                .With("color", JsonValue.Array(product.Select(channel => (JsonValue)(channel / largest)).ToArray()));
        }

        static double Linear(double encoded) =>
            encoded <= 0.04045 ? encoded / 12.92 : Math.Pow((encoded + 0.055) / 1.055, 2.4);

        static void SetFields(Material target, JsonValue command)
        {
            foreach (KeyValuePair<string, JsonValue> field in command.AsObject(""))
            {
                if (!field.Key.StartsWith("_", StringComparison.Ordinal)) { continue; }
                if (field.Value.Kind != JsonKind.Array)
                {
                    target.SetFloat(field.Key, (float)field.Value.AsNumber(field.Key));
                    continue;
                }
                float[] color = Commands.ReadFloats(command, field.Key);
                target.SetColor(field.Key, new Color(color[0], color[1], color[2], color.Length > 3 ? color[3] : 1));
            }
            if (command.Find("_EmissionColor") != null) { SetEmission(target); }
            if (command.Find("_Mode") != null) { SetMode(target, (int)target.GetFloat("_Mode")); }
        }

        static void SetEmission(Material target)
        {
            Color color = target.GetColor("_EmissionColor");
            bool isOn = color.r + color.g + color.b > 0;
            target.globalIlluminationFlags = isOn ? MaterialGlobalIlluminationFlags.BakedEmissive
                : MaterialGlobalIlluminationFlags.EmissiveIsBlack;
            if (isOn) { target.EnableKeyword("_EMISSION"); }
            else { target.DisableKeyword("_EMISSION"); }
        }

        /// <summary>Sets keywords and states of a mode of the Standard shader.</summary>
        static void SetMode(Material target, int mode)
        {
            string[] keywords = { "", "_ALPHATEST_ON", "_ALPHABLEND_ON", "_ALPHAPREMULTIPLY_ON" };
            foreach (string keyword in keywords.Skip(1)) { target.DisableKeyword(keyword); }
            if (mode > 0) { target.EnableKeyword(keywords[mode]); }
            target.SetFloat("_SrcBlend", (float)(mode == 2 ? BlendMode.SrcAlpha : BlendMode.One));
            target.SetFloat("_DstBlend", (float)(mode >= 2 ? BlendMode.OneMinusSrcAlpha : BlendMode.Zero));
            target.SetFloat("_ZWrite", mode >= 2 ? 0 : 1);
            target.SetOverrideTag("RenderType", mode >= 2 ? "Transparent" : mode == 1 ? "TransparentCutout" : "");
            target.renderQueue = mode >= 2 ? (int)RenderQueue.Transparent : mode == 1 ? (int)RenderQueue.AlphaTest : -1;
        }

        internal static Material Find(string uuid)
        {
            VibeSyncScene record = MeshRecords.GetSceneRecord(false);
            Material known = record == null ? null : record.Materials.Find(each => each.Uuid == uuid)?.Material;
            if (known != null) { return known; }
            foreach (string guid in AssetDatabase.FindAssets("t:Material", new[] { "Assets" }))
            {
                Material found = AssetDatabase.LoadAssetAtPath<Material>(AssetDatabase.GUIDToAssetPath(guid));
                if (found != null && UserMaterials.FindUuid(found) == uuid) { return found; }
            }
            throw new ArgumentException("no material has the uuid " + uuid);
        }
    }
}
