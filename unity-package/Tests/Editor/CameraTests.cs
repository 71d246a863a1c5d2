using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that cameras of the user's reach the daemon, and that those of the daemon are shown and read back.</summary>
    public sealed class CameraTests : LightHarness
    {
        const string CameraUuid = "01920000-0000-7000-8000-0000000000c2";

        Camera camera;
        string uuid;

        IEnumerator ConnectWithCamera()
        {
            yield return Connect();
            GameObject created = new GameObject("Eye");
            camera = created.AddComponent<Camera>();
            Undo.RegisterCreatedObjectUndo(created, "Create");
            yield return Expect("intent");
            uuid = Changes[0].RequiredString("uuid", "");
            yield return Accept(1);
        }

        JsonValue Sent => GetComponents(Changes[0]).Required("camera", "");

        static JsonValue MakeCamera(CameraValues values) =>
            JsonValue.Object().With("camera", new CameraComponent(values).ToJson(null));

        static CameraValues MakeValues()
        {
            CameraValues values = CameraValues.Default();
            (values.Fit, values.IsPhysical, values.Shift, values.Focus) = ("auto", true, new[] { 0.1, -0.2 }, 3);
            return values;
        }

        [UnityTest]
        public IEnumerator CameraIsOneIntentWithTheCameraFirst()
        {
            yield return Run(ConnectWithCamera());
            Assert.That(Changes.ConvertAll(change => change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "camera", "object" }));
            Assert.That(Sent.RequiredString("fit", ""), Is.EqualTo("vertical"));
            Assert.That(Sent.Required("focal", "").AsNumber(""), Is.EqualTo(20.784610).Within(1e-4));
            Assert.That(Sent.Required("near", "").AsNumber(""), Is.EqualTo(0.3).Within(1e-6));
            Assert.That(Numbers(GetComponents(Changes[1]).Required("transform", ""), "rotation"),
                Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator CameraOfTheDaemonIsReadBackAndNotSentAgain()
        {
            yield return Connect();
            CameraValues values = MakeValues();
            yield return ExpectApplied(Daemon.Apply(1, "Add camera", null,
                MakeChange("create", CameraUuid, "camera", MakeCamera(values).With("name", "Lens")),
                MakeChange("create", LampA, "object", MakeObject("Eye", null, CameraUuid, MakeTransform(0, 0, 0)))));
            camera = FindObject(LampA).GetComponent<Camera>();
            Assert.That((camera.usePhysicalProperties, camera.gateFit, camera.focalLength),
                Is.EqualTo((true, Camera.GateFitMode.Horizontal, 50f)));
            Assert.That(camera.sensorSize.y, Is.EqualTo(20.25).Within(1e-5));
            Assert.That(camera.lensShift.y, Is.EqualTo(-0.355556).Within(1e-6));
            Assert.That(camera.nearClipPlane, Is.EqualTo(0.1f));
            CameraComponent read = CameraComponent.Read(State(0).Required("camera", ""), "");
            Assert.That(read.Digest(), Is.EqualTo(new CameraComponent(values).Digest()), "also the focus");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EachFieldIsSentWhenItIsEdited()
        {
            yield return Run(ConnectWithCamera());
            long seq = 2;
            foreach ((string field, System.Action<Camera> edit, string expected) in new (string, System.Action<Camera>, string)[]
            {
                ("focal", eye => eye.fieldOfView = 90, "12"),
                ("near", eye => eye.nearClipPlane = 0.5f, "0.5"),
                ("far", eye => eye.farClipPlane = 200, "200"),
                ("projection", eye => eye.orthographic = true, "\"orthographic\""),
                ("size", eye => eye.orthographicSize = 7, "14"),
                ("physical", eye => eye.usePhysicalProperties = true, "true"),
                ("focal", eye => eye.focalLength = 35, "35"),
                ("fit", eye => eye.gateFit = Camera.GateFitMode.Overscan, "\"overscan\""),
                ("sensor", eye => eye.sensorSize = new Vector2(32, 16), "[32,16]"),
                ("shift", eye => eye.lensShift = new Vector2(0.5f, 0.25f), "[0.5,0.125]"),
            })
            {
                Undo.RecordObject(camera, "Edit");
                edit(camera);
                yield return Expect("intent");
                Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }), field);
                JsonValue sent = Sent.Required(field, "");
                if (sent.Kind == JsonKind.Number) { sent = System.Math.Round(sent.AsNumber(""), 4); }
                Assert.That(JsonWriter.Write(sent), Is.EqualTo(expected), field);
                yield return Accept(seq++);
            }
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator BatchChangesACameraAndUndoRestoresIt()
        {
            yield return Run(ConnectWithCamera());
            CameraValues values = MakeValues();
            (values.Near, values.Far) = (2000, 5000);
            yield return ExpectApplied(Daemon.Apply(2, "Lens", null, MakeChange("update", uuid, null, MakeCamera(values))));
            Assert.That((camera.nearClipPlane, camera.farClipPlane), Is.EqualTo((2000f, 5000f)), "far before near");
            Assert.That(CameraComponent.Read(State(0).Required("camera", ""), "").Digest(),
                Is.EqualTo(new CameraComponent(values).Digest()));
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(Sent.Required("focal", "").AsNumber(""), Is.EqualTo(20.784610).Within(1e-4));
            Assert.That(Sent.Required("physical", "").AsBool(""), Is.False);
            Assert.That(Sent.Required("focus", "").AsNumber(""), Is.EqualTo(3), "Unity shows none");
        }

        [UnityTest]
        public IEnumerator LightReplacesACameraAndBack()
        {
            yield return Run(ConnectWithCamera());
            GameObject item = camera.gameObject;
            yield return ExpectApplied(Daemon.Apply(2, "Light", null,
                MakeChange("create", LightUuid, "light", MakeLight("Glow", MakeValues(LightValues.Point, 1))),
                MakeChange("update", GetUuid(item), null, MakeData(LightUuid))));
            Assert.That(item.GetComponent<Camera>() == null && item.GetComponent<Light>() != null);
            yield return ExpectApplied(Daemon.Apply(3, "Camera", null,
                MakeChange("update", GetUuid(item), null, MakeData(uuid))));
            Assert.That(item.GetComponent<Camera>() != null && item.GetComponent<Light>() == null);
            Assert.That(item.GetComponent<Camera>().fieldOfView, Is.EqualTo(60).Within(1e-4));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator LightBesideACameraWins()
        {
            yield return Run(ConnectWithCamera());
            Undo.IncrementCurrentGroup();
            Undo.AddComponent<Light>(camera.gameObject);
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("op", "")), Is.EqualTo(new[] { "create", "update", "delete" }));
            Assert.That(GetComponents(Changes[1]).AsObject("").Keys.Single(), Is.EqualTo("data"), "the axes are the same");
            Assert.That(Host.Log.Exists(entry => entry.Contains("cameras beside a mesh or a light")));
        }
    }
}
