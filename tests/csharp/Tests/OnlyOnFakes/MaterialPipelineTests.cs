using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace UnityEngine.Rendering.HighDefinition
{
    /// <summary>The part of the High Definition pipeline that sets keywords and states of a material.</summary>
    public static class HDMaterial
    {
        internal static readonly List<Material> Validated = new List<Material>();

        public static bool ValidateMaterial(Material material)
        {
            Validated.Add(material);
            SetKeyword(material, "_MASKMAP", "_MaskMap");
            SetKeyword(material, "_NORMALMAP", "_NormalMap");
            SetKeyword(material, "_EMISSIVE_COLOR_MAP", "_EmissiveColorMap");
            return true;
        }

        static void SetKeyword(Material material, string keyword, string texture)
        {
            if (material.GetTexture(texture) != null) { material.EnableKeyword(keyword); }
            else { material.DisableKeyword(keyword); }
        }
    }
}

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests materials in each render pipeline. Only on the fakes, because a project's pipeline cannot be changed for a test.
    /// </summary>
    public sealed class MaterialPipelineTests : BridgeHarness
    {
        const string Red = "01920000-0000-7000-8000-0000000000d1";

        sealed class HDRenderPipelineAsset : RenderPipelineAsset
        {
        }

        sealed class UniversalRenderPipelineAsset : RenderPipelineAsset
        {
        }

        sealed class OwnRenderPipelineAsset : RenderPipelineAsset
        {
        }

        static PbrValues MakePbr(string mode, bool isDoubleSided)
        {
            PbrValues values = PbrValues.Default;
            (values.AlphaMode, values.IsDoubleSided, values.Roughness, values.OcclusionStrength) = (mode, isDoubleSided, 0.25, 0.75);
            return values;
        }

        JsonValue Apply(long seq, PbrValues pbr, double strength = 0)
        {
            JsonValue components = MakeName("Red").With("pbr", new PbrComponent(pbr).ToJson(null))
                .With("emission", new EmissionComponent(new[] { 0.5, 0.25, 0 }, strength).ToJson(null));
            List<JsonValue> results = ExpectApplied(Daemon.Apply(seq, "Material", null,
                MakeChange("create", Red, "material", components)));
            return GetComponents(results[0].Required("state", ""));
        }

        static Material Find() => AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Red.mat");

        void Start(RenderPipelineAsset pipeline)
        {
            GraphicsSettings.defaultRenderPipeline = pipeline;
            Bridge.Stop();
            Bridge.Start();
            Connect();
        }

        string[] Announced => Daemon.Hello.Required("components", "").AsArray("").Select(key => key.AsString("")).ToArray();

        [TestCase(PbrValues.Opaque, 0, -1, "", 1, 0, 1, "")]
        [TestCase(PbrValues.Mask, 1, 2450, "TransparentCutout", 1, 0, 1, "_ALPHATEST_ON")]
        [TestCase(PbrValues.Blend, 2, 3000, "Transparent", 5, 10, 0, "_ALPHABLEND_ON")]
        public void StandardShaderGetsTheStateOfItsInspector(string mode, int number, int queue, string tag, int source,
            int target, int depth, string keyword)
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Mask, true));
            JsonValue state = Apply(2, MakePbr(mode, true));
            Material made = Find();
            Assert.That(made.GetFloat("_Mode"), Is.EqualTo(number));
            Assert.That(made.renderQueue, Is.EqualTo(queue == -1 ? made.shader.renderQueue : queue));
            Assert.That(made.GetTag("RenderType", false, ""), Is.EqualTo(tag));
            Assert.That((made.GetFloat("_SrcBlend"), made.GetFloat("_DstBlend"), made.GetFloat("_ZWrite")),
                Is.EqualTo(((float)source, (float)target, (float)depth)));
            foreach (string each in new[] { "_ALPHATEST_ON", "_ALPHABLEND_ON", "_ALPHAPREMULTIPLY_ON" })
            {
                Assert.That(made.IsKeywordEnabled(each), Is.EqualTo(each == keyword), each);
            }
            Assert.That(state.Required("pbr", "").RequiredString("alpha_mode", ""), Is.EqualTo(mode));
        }

        [Test]
        public void TransparentModeOfTheUserIsKept()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Blend, true));
            Find().SetFloat("_Mode", 3);
            Find().renderQueue = 3100;
            PbrValues other = MakePbr(PbrValues.Blend, true);
            other.Roughness = 0.5;
            Apply(2, other);
            Assert.That((Find().GetFloat("_Mode"), Find().renderQueue, Find().GetFloat("_Glossiness")),
                Is.EqualTo((3f, 3100, 0.5f)));
        }

        [TestCase(PbrValues.Opaque, 2000, "Opaque", true, "")]
        [TestCase(PbrValues.Mask, 2450, "TransparentCutout", true, "_ALPHATEST_ON")]
        [TestCase(PbrValues.Blend, 3000, "Transparent", false, "_SURFACE_TYPE_TRANSPARENT,_ALPHAPREMULTIPLY_ON")]
        public void UniversalLitGetsTheStateOfItsInspector(string mode, int queue, string tag, bool isSolid, string keywords)
        {
            Start(new UniversalRenderPipelineAsset());
            JsonValue state = Apply(1, MakePbr(mode, true), 4);
            Material made = Find();
            Assert.That(made.shader.name, Is.EqualTo("Universal Render Pipeline/Lit"));
            Assert.That((made.GetFloat("_Surface"), made.GetFloat("_AlphaClip")),
                Is.EqualTo((isSolid ? 0f : 1f, mode == PbrValues.Mask ? 1f : 0f)));
            Assert.That((made.renderQueue, made.GetTag("RenderType", false, "")), Is.EqualTo((queue, tag)));
            Assert.That((made.GetShaderPassEnabled("ShadowCaster"), made.GetFloat("_ZWrite")),
                Is.EqualTo((isSolid, isSolid ? 1f : 0f)));
            foreach (string each in new[] { "_ALPHATEST_ON", "_SURFACE_TYPE_TRANSPARENT", "_ALPHAPREMULTIPLY_ON" })
            {
                Assert.That(made.IsKeywordEnabled(each), Is.EqualTo(keywords.Split(',').Contains(each)), each);
            }
            Assert.That((made.GetFloat("_Cull"), made.doubleSidedGI), Is.EqualTo((0f, true)));
            Assert.That(made.GetColor("_Color"), Is.EqualTo(made.GetColor("_BaseColor")), "for lightmaps");
            Color glow = made.GetColor("_EmissionColor");
            Assert.That((glow.r, glow.g, made.IsKeywordEnabled("_EMISSION")), Is.EqualTo((2f, 1f, true)));
            Assert.That(state.Required("pbr", "").Required("double_sided", "").AsBool(""));
            Apply(2, MakePbr(mode, false));
            Assert.That((made.GetFloat("_Cull"), made.doubleSidedGI), Is.EqualTo((2f, false)));
        }

        [Test]
        public void HighDefinitionLitIsValidatedByItsPipeline()
        {
            UnityEngine.Rendering.HighDefinition.HDMaterial.Validated.Clear();
            Start(new HDRenderPipelineAsset());
            JsonValue state = Apply(1, MakePbr(PbrValues.Mask, true), 4);
            Material made = Find();
            Color glow = made.GetColor("_EmissiveColor");
            Assert.That((glow.r, glow.g, glow.b), Is.EqualTo((1366f, 683f, 0f)), "nits");
            Assert.That((made.GetFloat("_AORemapMin"), made.GetFloat("_DoubleSidedEnable"), made.GetFloat("_AlphaCutoffEnable")),
                Is.EqualTo((0.25f, 1f, 1f)));
            Assert.That(UnityEngine.Rendering.HighDefinition.HDMaterial.Validated, Has.Member(made));
            Assert.That(state.Required("emission", "").Required("strength", "").AsNumber(""), Is.EqualTo(4));
        }

        [Test]
        public void PipelineWithoutAKnownShaderAnnouncesNoMaterials()
        {
            Start(new OwnRenderPipelineAsset());
            foreach (string key in new[] { "pbr", "emission", "slots", "materials" })
            {
                Assert.That(Announced, Has.No.Member(key));
            }
            Assert.That(Bridge.NeverSynchronized, Is.EqualTo("materials and textures"));
            Material mine = new Material(Shader.Find("Standard"));
            AssetDatabase.CreateAsset(mine, "Assets/Mine.mat");
            GameObject box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            box.GetComponent<MeshRenderer>().sharedMaterials = new[] { mine };
            Undo.RegisterCreatedObjectUndo(box, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(intent).Count, Is.EqualTo(2));
            Assert.That(GetChanges(intent).All(change => GetComponents(change).Find("slots") == null
                && GetComponents(change).Find("materials") == null));
            Assert.That(Bridge.UnsupportedKinds.Single(), Does.StartWith("materials"));
        }

        [Test]
        public void PipelineWhoseShaderIsMissingAnnouncesNoMaterials()
        {
            Faults.MissingShaders.Add("Universal Render Pipeline/Lit");
            Start(new UniversalRenderPipelineAsset());
            Assert.That(Announced, Has.No.Member("pbr"));
        }

        [Test]
        public void AnotherPipelineBeginsANewSessionWithoutADelete()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Opaque, true));
            GraphicsSettings.defaultRenderPipeline = new OwnRenderPipelineAsset();
            Connect();
            Assert.That(Announced, Has.No.Member("pbr"));
            Daemon.ExpectNone("intent", RunFrame);
            GraphicsSettings.defaultRenderPipeline = null;
            Connect();
            Assert.That(Announced, Has.Member("pbr"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void TextureLocksTheFieldsThatItDecides()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Opaque, true));
            Undo.RecordObject(Find(), "Texture");
            Find().SetTexture("_MainTex", new Texture2D(1, 1, TextureFormat.RGB24, false));
            Frame intent = Daemon.Expect("intent", RunFrame);
            JsonValue locks = GetComponents(GetChanges(intent).Single()).Required("locks", "");
            Assert.That(JsonWriter.Write(locks), Is.EqualTo("{\"unity\":{\"maps\":[\"alpha\",\"base_color\"],\"pbr\":[\"base_color\"]}}"));
            Assert.That(Bridge.UnsupportedKinds.Single(), Is.EqualTo("textures that are no files of a known format (first found at Red)"));
        }

        [Test]
        public void GammaProjectIsToldOnce()
        {
            Canvas.IsLinear = false;
            Start(null);
            Apply(1, MakePbr(PbrValues.Opaque, true));
            Color color = Find().GetColor("_Color");
            Assert.That(color.r, Is.EqualTo(0.8f), "no conversion");
            Assert.That(Engine.Log.Count(line => line.Contains("color space is gamma")), Is.EqualTo(1));
        }

        [Test]
        public void OlderFileThanTheSceneIsDamageAndNoEdit()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Opaque, true));
            WaitFor(() => !EditorUtility.IsDirty(Find()));
            PbrValues newer = MakePbr(PbrValues.Opaque, true);
            newer.Roughness = 1;
            string path = System.IO.Path.Combine(Folder, "scene.unity");
            byte[] older = System.IO.File.ReadAllBytes(AssetPath);
            Apply(2, newer);
            UnityFakes.Editor.SaveScene(path);
            System.IO.File.WriteAllBytes(AssetPath, older);
            List<JsonValue> listed = Restart(path);
            Assert.That(listed.Single(entity => entity.RequiredString("uuid", "") == Red).RequiredInteger("version", ""),
                Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void VanishedFileIsNoDeleteAndNoEdit()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Opaque, true));
            Material red = Find();
            GameObject box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            box.GetComponent<MeshRenderer>().sharedMaterials = new[] { red };
            Undo.RegisterCreatedObjectUndo(box, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            string path = System.IO.Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(path);
            System.IO.File.Delete(AssetPath);
            List<JsonValue> listed = Restart(path);
            Assert.That(listed.Count, Is.EqualTo(2), "the daemon sends the material again");
            Daemon.ExpectNone("intent", RunFrame);
            Apply(3, MakePbr(PbrValues.Opaque, true));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Find(), Is.Not.Null);
        }

        /// <summary>Ends the editor without a save, and opens the scene in a new one. Returns the inventory.</summary>
        List<JsonValue> Restart(string path)
        {
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            Engine.Log.Clear();
            UnityFakes.Editor.OpenScene(path);
            UnityFakes.Editor.Start();
            return Daemon.Sync(RunFrame).Header.Required("entities", "").AsArray("");
        }

        string AssetPath => System.IO.Path.Combine(Engine.ProjectFolder, "Assets/VibeSync/Materials/Red.mat");

#if UNITY_2022_3_OR_NEWER
        [Test]
        public void VariantIsNotWritten()
        {
            Connect();
            Apply(1, MakePbr(PbrValues.Opaque, true));
            Find().parent = new Material(Shader.Find("Standard"));
            PbrValues other = MakePbr(PbrValues.Opaque, true);
            other.Roughness = 1;
            JsonValue state = Apply(2, other);
            Assert.That(Find().GetFloat("_Glossiness"), Is.EqualTo(0.75f));
            Assert.That(state.Required("pbr", "").Required("roughness", "").AsNumber(""), Is.EqualTo(1));
        }
#endif

        /// <summary>Accepts intents until one has such a change; returns the changes of all.</summary>
        List<JsonValue> ExpectChanges(long seq, System.Predicate<JsonValue> isLast)
        {
            List<JsonValue> changes = new List<JsonValue>();
            while (!changes.Exists(isLast))
            {
                Frame intent = Daemon.Expect("intent", RunFrame);
                Daemon.Accept(intent, seq++);
                changes.AddRange(GetChanges(intent));
            }
            return changes;
        }

        [Test]
        public void LargeMeshIsSentBeforeItsMaterialIsDeleted()
        {
            Connect();
            Material mine = new Material(Shader.Find("Standard"));
            AssetDatabase.CreateAsset(mine, "Assets/Mine.mat");
            GameObject box = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Large" };
            mesh.indexFormat = IndexFormat.UInt32;
            mesh.vertices = Enumerable.Range(0, 60000).Select(i => new Vector3(i, i % 7, i % 3)).ToArray();
            mesh.SetTriangles(Enumerable.Range(0, 60000).ToArray(), 0);
            box.GetComponent<MeshFilter>().sharedMesh = mesh;
            box.GetComponent<MeshRenderer>().sharedMaterials = new[] { mine };
            Undo.RegisterCreatedObjectUndo(box, "Create");
            ExpectChanges(1, change => change.Find("kind")?.AsString("") == "object");
            WaitFor(() => Bridge.Status.Pending == 0);
            AssetDatabase.DeleteAsset("Assets/Mine.mat");
            List<JsonValue> changes = ExpectChanges(11, change => change.RequiredString("op", "") == "delete");
            Assert.That(GetComponents(changes[0]).Find("slots"), Is.Not.Null);
            Assert.That(changes.Last().RequiredString("op", ""), Is.EqualTo("delete"));
        }
    }
}
