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

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests lights in each render pipeline. Only on the fakes, because a project's pipeline cannot be changed for a test.
    /// </summary>
    public sealed class LightPipelineTests : BridgeHarness
    {
        const double One = 683 * System.Math.PI;

        sealed class HDRenderPipelineAsset : RenderPipelineAsset
        {
        }

        sealed class UniversalRenderPipelineAsset : RenderPipelineAsset
        {
        }

        /// <summary>A component as pipelines add to lights.</summary>
        [RequireComponent(typeof(Light))]
        sealed class AdditionalLightData : MonoBehaviour
        {
        }

        [RequireComponent(typeof(AdditionalLightData))]
        sealed class MoreLightData : MonoBehaviour
        {
        }

        Frame intent;
        string uuid;

        Light CreateLamp(long seq)
        {
            Light light = new GameObject("Lamp").AddComponent<Light>();
            light.color = new Color(1, 0.5f, 0, 1);
            light.intensity = 2;
            Undo.RegisterCreatedObjectUndo(light.gameObject, "Create");
            Accept(seq);
            uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            return light;
        }

        void Accept(long seq)
        {
            intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, seq);
            WaitFor(() => Bridge.Status.Pending == 0);
        }

        double[] SentProduct()
        {
            LightValues sent = LightComponent.Read(GetComponents(GetChanges(intent)[0]).Required("light", ""), "").Values;
            return sent.Color.Select(channel => channel * sent.Intensity).ToArray();
        }

        string[] Announced => Daemon.Hello.Required("components", "").AsArray("").Select(key => key.AsString("")).ToArray();

        [Test]
        public void BuiltInPipelineDecodesTheProductOfColorAndIntensity()
        {
            Connect();
            CreateLamp(1);
            Assert.That(SentProduct(), Is.EqualTo(new[] { 4.9538457 * One, One, 0 }).Within(1));
            Assert.That(Announced, Has.Member("light"));
        }

        [Test]
        public void UniversalPipelineMultipliesTheLinearColor()
        {
            GraphicsSettings.lightsUseLinearIntensity = true;
            GraphicsSettings.defaultRenderPipeline = new UniversalRenderPipelineAsset();
            Connect();
            CreateLamp(1);
            Assert.That(SentProduct(), Is.EqualTo(new[] { 2 * One, 2 * 0.2140411 * One, 0 }).Within(1e-2));
        }

#if UNITY_6000_0_OR_NEWER
        [Test]
        public void HighDefinitionPipelineHasPhysicalLights()
        {
            GraphicsSettings.lightsUseLinearIntensity = true;
            GraphicsSettings.defaultRenderPipeline = new HDRenderPipelineAsset();
            Connect();
            CreateLamp(1);
            Assert.That(SentProduct(), Is.EqualTo(new[] { 2, 2 * 0.2140411, 0 }).Within(1e-6));
            Assert.That(Announced, Has.Member("light"));
        }

        [TestCase(LightType.Box)]
        [TestCase(LightType.Pyramid)]
        [TestCase(LightType.Tube)]
        public void LightOfAnotherTypeIsAnObject(LightType type)
        {
            Connect();
            Light light = CreateLamp(1);
            Undo.RecordObject(light, "Edit");
            light.type = type;
            Accept(2);
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "update", "delete" }));
            Assert.That(Engine.Log.Exists(entry => entry.Contains("box, pyramid and tube lights")));
            Undo.RecordObject(light, "Edit");
            light.type = LightType.Point;
            Accept(3);
            Assert.That(GetChanges(intent)[0].RequiredString("op", ""), Is.EqualTo("create"));
        }
#else
        [Test]
        public void HighDefinitionPipelineHasNoSynchronizedLights()
        {
            GraphicsSettings.defaultRenderPipeline = new HDRenderPipelineAsset();
            Connect();
            Assert.That(Announced, Has.No.Member("light"));
            CreateLamp(1);
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("kind", "")), Is.EqualTo(new[] { "object" }));
            JsonValue components = GetComponents(GetChanges(intent)[0]);
            Assert.That(components.Required("data", "").Required("uuid", "").IsNull);
            Assert.That(JsonWriter.Write(components.Required("transform", "").Required("rotation", "")), Is.EqualTo("[0,0,0,1]"));
            Assert.That(Engine.Log.FindAll(entry => entry.Contains("does not synchronize lights")).Count, Is.EqualTo(1));
        }

        [Test]
        public void LightKeepsItsAxesInAPipelineWithoutLights()
        {
            Connect();
            Light light = CreateLamp(1);
            GraphicsSettings.defaultRenderPipeline = new HDRenderPipelineAsset();
            Connect();
            Assert.That(Announced, Has.No.Member("light"));
            Accept(2);
            Assert.That(GetChanges(intent).ConvertAll(change => string.Join(",", GetComponents(change).AsObject("").Keys)),
                Is.EqualTo(new[] { "data" }), "the daemon ignores that it shows none");
            GraphicsSettings.defaultRenderPipeline = null;
            Connect();
            Assert.That(Announced, Has.Member("light"));
            Accept(3);
            Assert.That(GetComponents(GetChanges(intent)[0]).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(light.intensity, Is.EqualTo(2));
        }

        [Test]
        public void SpotOfAnotherShapeIsAnObject()
        {
            Connect();
            Light light = new GameObject("Lamp").AddComponent<Light>();
            (light.type, light.shape) = (LightType.Spot, LightShape.Box);
            Undo.RegisterCreatedObjectUndo(light.gameObject, "Create");
            Accept(1);
            Assert.That(GetChanges(intent).ConvertAll(change => change.RequiredString("kind", "")), Is.EqualTo(new[] { "object" }));
        }
#endif

        [Test]
        public void AnotherPipelineShowsTheSameLight()
        {
            Connect();
            Light light = CreateLamp(1);
            GraphicsSettings.lightsUseLinearIntensity = true;
            Connect();
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(light.intensity, Is.EqualTo(4.9538457).Within(1e-4), "2 in sRGB, now linear");
            Assert.That(light.color.g, Is.EqualTo(0.486618).Within(1e-4), "one part in 4.95");
            Undo.RecordObject(light, "Edit");
            light.intensity *= 2;
            Accept(2);
            Assert.That(SentProduct(), Is.EqualTo(new[] { 2 * 4.9538457 * One, 2 * One, 0 }).Within(1));
        }

        [Test]
        public void TemperatureOfTheUsersIsPartOfTheColor()
        {
            GraphicsSettings.lightsUseLinearIntensity = true;
            Connect();
            Light light = CreateLamp(1);
            Undo.RecordObject(light, "Warm");
            (light.useColorTemperature, light.colorTemperature) = (true, 3300);
            Accept(2);
            Assert.That(SentProduct(), Is.EqualTo(new[] { 2 * One, 0.2140411 * One, 0 }).Within(1e-2));
            ExpectApplied(Daemon.Apply(3, "Rename", null, MakeChange("update", uuid, null, MakeName("Warm"))));
            Assert.That(light.useColorTemperature, "nothing of the color has changed");
            LightValues values = LightValues.Default(LightValues.Point);
            values.Intensity = One;
            ExpectApplied(Daemon.Apply(4, "Cool", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("light", new LightComponent(values).ToJson(null)))));
            Assert.That((light.useColorTemperature, light.intensity), Is.EqualTo((false, 1f)));
        }

        [Test]
        public void ComponentsThatRequireTheLightGoWithIt()
        {
            Connect();
            Light light = CreateLamp(1);
            GameObject item = light.gameObject;
            item.AddComponent<MoreLightData>();
            item.AddComponent<AdditionalLightData>();
            ExpectApplied(Daemon.Apply(2, "Empty", null, MakeChange("update", GetUuid(item), null,
                JsonValue.Object().With("data", JsonValue.Object().With("uuid", JsonValue.Null)))));
            Assert.That(item.GetComponent<Light>() == null && item.GetComponent<MoreLightData>() == null);
            Undo.PerformUndo();
            Assert.That(item.GetComponent<Light>() != null && item.GetComponent<AdditionalLightData>() != null);
            Accept(3);
            Assert.That(GetComponents(GetChanges(intent).Last()).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(uuid));
        }
    }
}
