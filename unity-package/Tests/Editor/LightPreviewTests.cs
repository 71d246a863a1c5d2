using System.Collections;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;
using Value = VibeSync.Core.Scene.Component;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests previews of lights, both ways.</summary>
    public sealed class LightPreviewTests : LightHarness
    {
        [SetUp]
        public void OfferPreviews() => Daemon.Features = JsonValue.Array(PreviewMessages.Feature);

        [UnityTest]
        public IEnumerator PreviewsOfLightsHaveTheirAxes()
        {
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            Transform transform = Lamp.transform;
            string uuid = GetUuid(Lamp.gameObject);
            double half = System.Math.Sqrt(0.5);
            JsonValue down = JsonValue.Object().With("translation", JsonValue.Array(1, 0, 0))
                .With("rotation", JsonValue.Array(-half, 0, 0, half)).With("scale", JsonValue.Array(1, 1, 1));
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(JsonValue.Object()
                .With("uuid", uuid).With("components", JsonValue.Object().With("transform", down)))));
            yield return WaitFor(() => transform.localPosition.x == -1);
            Quaternion turn = transform.localRotation;
            Assert.That(new[] { turn.x, turn.y, turn.z, turn.w }, Is.EqualTo(new[] { 0, half, -half, 0 }).Within(1e-6));
            Daemon.Send(Messages.Create("preview_end").With("from", "blender").With("uuids", JsonValue.Array(uuid)));
            yield return WaitFor(() => transform.localPosition.x == 0);
            yield return ExpectNone("intent");
            Host.Select(transform);
            Host.HoldMouse(true);
            yield return null;
            transform.localPosition = new Vector3(2, 0, 0);
            yield return Expect("preview");
            JsonValue sent = GetComponents(GetChanges(Received)[0]).Required("transform", "");
            Assert.That(Numbers(sent, "rotation"), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            Assert.That(Numbers(sent, "translation"), Is.EqualTo(new double[] { -2, 0, 0 }));
            Host.HoldMouse(false);
        }

        /// <summary>Connects, with a lamp that the daemon has, in a saved scene.</summary>
        IEnumerator ConnectWithLamp(LightType type)
        {
            yield return Connect();
            yield return CreateLamp(type, 1);
            Host.SaveScene(Host.GetScenePath("Lamps"));
        }

        void SendLight(double intensity, string type = "point")
        {
            LightValues values = LightValues.Default(type);
            values.Intensity = intensity;
            Send(LampUuid, new LightComponent(values));
        }

        void Send(string uuid, Value value) => Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes",
            JsonValue.Array(JsonValue.Object().With("uuid", uuid).With("components",
                JsonValue.Object().With(value.Key, value.ToJson(null))))));

        void SendEnd(string uuid) => Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(uuid)));

        [UnityTest]
        public IEnumerator IntensityIsShownWithoutATraceAndPutBack()
        {
            yield return Run(ConnectWithLamp(LightType.Point));
            int steps = Host.UndoSteps;
            (float intensity, float range, Color color) = (Lamp.intensity, Lamp.range, Lamp.color);
            SendLight(One * 7);
            yield return WaitFor(() => System.Math.Abs(Lamp.intensity - 7) < 1e-3);
            yield return ExpectNone("intent");
            SendLight(One * 8);
            yield return WaitFor(() => System.Math.Abs(Lamp.intensity - 8) < 1e-3);
            SendEnd(LampUuid);
            yield return WaitFor(() => Lamp.intensity == intensity);
            Assert.That((Lamp.range, Lamp.color), Is.EqualTo((range, color)));
            Assert.That(Host.UndoSteps, Is.EqualTo(steps));
            Assert.That(SceneManager.GetActiveScene().isDirty, Is.False);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator LightOfAnotherTypeIsNotShown()
        {
            yield return Run(ConnectWithLamp(LightType.Point));
            float intensity = Lamp.intensity;
            SendLight(7, "sun");
            yield return ExpectNone("intent");
            Assert.That((Lamp.type, Lamp.intensity), Is.EqualTo((LightType.Point, intensity)));
        }

        [UnityTest]
        public IEnumerator EditOfAShownLightIsTheUsersAlone()
        {
            yield return Run(ConnectWithLamp(LightType.Point));
            float intensity = Lamp.intensity;
            SendLight(One * 7);
            yield return WaitFor(() => System.Math.Abs(Lamp.intensity - 7) < 1e-3);
            Undo.RecordObject(Lamp, "Shadow");
            Lamp.shadows = LightShadows.Hard;
            yield return Expect("intent");
            JsonValue light = GetComponents(Changes[0]).Required("light", "");
            Assert.That(light.Required("shadow", "").AsBool(""), Is.True);
            Assert.That(light.Required("intensity", "").AsNumber(""), Is.EqualTo(One * intensity).Within(0.1));
            yield return Accept(2);
            Assert.That(Lamp.intensity, Is.EqualTo(intensity));
        }

        [UnityTest]
        public IEnumerator SilentPreviewOfALightEnds()
        {
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
            yield return Run(ConnectWithLamp(LightType.Point));
            float intensity = Lamp.intensity;
            SendLight(One * 7);
            yield return WaitFor(() => System.Math.Abs(Lamp.intensity - 7) < 1e-3);
            clock += 1.1;
            yield return WaitFor(() => Lamp.intensity == intensity);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DraggedIntensityIsPreviewedUntilItIsReleased()
        {
            yield return Run(ConnectWithLamp(LightType.Point));
            Host.Select(Lamp.transform);
            Host.HoldMouse(true);
            yield return null;
            Undo.RecordObject(Lamp, "Intensity");
            Lamp.intensity = 3;
            yield return Expect("preview");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(LampUuid));
            JsonValue light = GetComponents(change).Required("light", "");
            Assert.That(light.Required("intensity", "").AsNumber(""), Is.EqualTo(One * 3).Within(0.1));
            yield return ExpectNone("intent");
            Host.HoldMouse(false);
            yield return Expect("intent");
            Assert.That(Changes[0].RequiredString("uuid", ""), Is.EqualTo(LampUuid));
        }
    }
}
