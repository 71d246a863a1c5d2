using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Makes lights in a project whose intensities multiply linear colors, as users and as the daemon do.</summary>
    public abstract class LightHarness : SyncHarness
    {
        protected const string LightUuid = "01920000-0000-7000-8000-0000000000c1";
        protected const string LampA = "01920000-0000-7000-8000-0000000000a1";
        protected const string LampB = "01920000-0000-7000-8000-0000000000b1";

        /// <summary>The candela or lux of an intensity of 1 in Unity, without a render pipeline for physical light.</summary>
        protected const double One = 683 * System.Math.PI;

        bool wasLinear;

        /// <summary>The light that was created last.</summary>
        protected Light Lamp { get; private set; }

        /// <summary>Its entity.</summary>
        protected string LampUuid { get; private set; }

        /// <summary>The changes of the last intent.</summary>
        protected List<JsonValue> Changes => GetChanges(Received);

        protected override void PrepareEditor()
        {
            wasLinear = GraphicsSettings.lightsUseLinearIntensity;
            GraphicsSettings.lightsUseLinearIntensity = true;
        }

        [TearDown]
        public void RestoreSettings() => GraphicsSettings.lightsUseLinearIntensity = wasLinear;

        /// <summary>Creates a light as a user does, and waits until the daemon has accepted it.</summary>
        protected Steps CreateLamp(LightType type, long seq) => Run(CreateAndAcceptLamp(type, seq));

        IEnumerator CreateAndAcceptLamp(LightType type, long seq)
        {
            GameObject created = new GameObject("Lamp");
            Lamp = created.AddComponent<Light>();
            Lamp.type = type;
            Undo.RegisterCreatedObjectUndo(created, "Create");
            yield return Expect("intent");
            LampUuid = Changes[0].RequiredString("uuid", "");
            yield return Accept(seq);
        }

        /// <summary>Accepts the last intent.</summary>
        protected Steps Accept(long seq)
        {
            Daemon.Accept(Received, seq);
            return WaitFor(() => Bridge.Status.Pending == 0);
        }

        protected static LightValues MakeValues(string type, double intensity)
        {
            LightValues values = LightValues.Default(type);
            values.Intensity = intensity * One;
            return values;
        }

        protected static JsonValue MakeLight(LightValues values) =>
            JsonValue.Object().With("light", new LightComponent(values).ToJson(null));

        protected static JsonValue MakeLight(string name, LightValues values) => MakeLight(values).With("name", name);

        protected static JsonValue MakeData(string uuid) =>
            JsonValue.Object().With("data", JsonValue.Object().With("uuid", uuid));

        protected static JsonValue MakeLamp(string uuid, string name, string data) =>
            MakeChange("create", uuid, "object", MakeObject(name, null, data, MakeTransform(0, 0, 0)));

        /// <summary>Has the daemon create a light that two objects show.</summary>
        protected Steps ApplySharedLamp(long seq, LightValues values) => ExpectApplied(Daemon.Apply(seq, "Add lamps", null,
            MakeChange("create", LightUuid, "light", MakeLight("Shared", values)), MakeLamp(LampA, "A", LightUuid),
            MakeLamp(LampB, "B", LightUuid)));

        protected static Light FindLight(string uuid) => FindObject(uuid).GetComponent<Light>();

        /// <summary>The components of the state that the last batch read back for a change.</summary>
        protected JsonValue State(int index) => GetComponents(Results[index].Required("state", ""));

        /// <summary>The component that the last intent has of a light.</summary>
        protected JsonValue SentLight(int index) => GetComponents(Changes[index]).Required("light", "");

        protected static double[] Numbers(JsonValue parent, string key) =>
            parent.Required(key, "").AsArray(key).ConvertAll(value => value.AsNumber(key)).ToArray();
    }
}
