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
    /// <summary>Tests that lights of the user's reach the daemon, and that those of the daemon are shown and read back.</summary>
    public sealed class LightTests : LightHarness
    {
        [UnityTest]
        public IEnumerator LightIsOneIntentWithTheLightFirst()
        {
            yield return Connect();
            yield return CreateLamp(LightType.Spot, 1);
            Assert.That(Changes.ConvertAll(change => change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "light", "object" }));
            Assert.That(GetComponents(Changes[0]).RequiredString("name", ""), Is.EqualTo("Lamp"));
            JsonValue light = SentLight(0);
            Assert.That(light.RequiredString("type", ""), Is.EqualTo("spot"));
            Assert.That(light.Required("intensity", "").AsNumber(""), Is.EqualTo(One).Within(1e-3));
            Assert.That(light.Required("range", "").AsNumber(""), Is.EqualTo(10));
            Assert.That(light.Required("shadow", "").AsBool(""), Is.False);
            Assert.That(GetComponents(Changes[1]).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(LampUuid));
            JsonValue transform = GetComponents(Changes[1]).Required("transform", "");
            Assert.That(Numbers(transform, "rotation"), Is.EqualTo(new double[] { 0, 1, 0, 0 }), "it looks along -Z");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator LightOfTheDaemonIsReadBackAndNotSentAgain()
        {
            yield return Connect();
            LightValues values = MakeValues(LightValues.Spot, 2);
            values.Color = new[] { 1, 0.25, 0.5 };
            (values.Radius, values.Temperature, values.HasShadow) = (0.25, 3000, true);
            yield return ExpectApplied(Daemon.Apply(1, "Add lamp", null,
                MakeChange("create", LightUuid, "light", MakeLight("Glow", values)), MakeLamp(LampA, "A", LightUuid)));
            Light light = FindLight(LampA);
            Assert.That((light.type, light.shadows), Is.EqualTo((LightType.Spot, LightShadows.Soft)));
            Assert.That(light.intensity, Is.EqualTo(2).Within(1e-6));
            Assert.That(light.color.g, Is.EqualTo(0.5370987).Within(1e-6), "0.25 in sRGB");
            Assert.That(light.spotAngle, Is.EqualTo(60).Within(1e-4));
            Assert.That(light.innerSpotAngle, Is.EqualTo(55.220275).Within(1e-4));
            Assert.That(light.useColorTemperature, Is.False);
            Assert.That(light.range, Is.EqualTo(44.72136).Within(1e-4), "derived");
            Quaternion turn = light.transform.localRotation;
            Assert.That(new[] { turn.x, turn.y, turn.z, turn.w }, Is.EqualTo(new[] { 0f, 1, 0, 0 }));
            LightComponent read = LightComponent.Read(State(0).Required("light", ""), "");
            Assert.That(read.Digest(), Is.EqualTo(new LightComponent(values).Digest()), "also what Unity has no field for");
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Glow"));
            Assert.That(State(1).Required("data", "").RequiredString("uuid", ""), Is.EqualTo(LightUuid));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EachFieldIsSentWhenItIsEdited()
        {
            yield return Connect();
            yield return CreateLamp(LightType.Spot, 1);
            long seq = 2;
            foreach ((string field, System.Action<Light> edit, double expected) in new (string, System.Action<Light>, double)[]
            {
                ("intensity", light => light.intensity = 3, 3 * One),
                ("range", light => light.range = 25, 25),
                ("outer", light => light.spotAngle = 90, 0.7853982),
                ("inner", light => light.innerSpotAngle = 45, 0.3926991),
            })
            {
                Undo.RecordObject(Lamp, "Edit");
                edit(Lamp);
                yield return Expect("intent");
                Assert.That(Changes.Count, Is.EqualTo(1), field);
                Assert.That(Changes[0].RequiredString("uuid", ""), Is.EqualTo(LampUuid), field);
                Assert.That(GetComponents(Changes[0]).AsObject("").Keys, Is.EqualTo(new[] { "light" }), field);
                Assert.That(SentLight(0).Required(field, "").AsNumber(""), Is.EqualTo(expected).Within(1e-3), field);
                yield return Accept(seq++);
            }
            Undo.RecordObject(Lamp, "Edit");
            Lamp.color = new Color(1, 0.5f, 0, 1);
            Lamp.shadows = LightShadows.Hard;
            yield return Expect("intent");
            Assert.That(Numbers(SentLight(0), "color"), Is.EqualTo(new[] { 1, 0.2140411, 0 }).Within(1e-6));
            Assert.That(SentLight(0).Required("shadow", "").AsBool(""));
            yield return Accept(seq);
            yield return ExpectNone("intent");
            Assert.That(Lamp.shadows, Is.EqualTo(LightShadows.Hard));
        }

        [UnityTest]
        public IEnumerator ScriptEditWithoutAnEventIsFound()
        {
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            Lamp.intensity = 5;
            yield return Expect("intent");
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(5 * One).Within(1e-2));
        }

        [UnityTest]
        public IEnumerator BatchChangesOnlyWhatDiffers()
        {
            yield return Connect();
            LightValues values = MakeValues(LightValues.Point, 2);
            yield return ApplySharedLamp(1, values);
            Light light = FindLight(LampA);
            Undo.RecordObject(light, "Harden");
            light.shadows = LightShadows.Hard;
            yield return ExpectNone("intent");
            (values.Intensity, values.Radius) = (3 * One, 0.5);
            yield return ExpectApplied(Daemon.Apply(2, "Brighten", null, MakeChange("update", LightUuid, null,
                MakeLight(values))));
            Assert.That(light.intensity, Is.EqualTo(3).Within(1e-6));
            Assert.That(light.shadows, Is.EqualTo(LightShadows.Hard), "hard shadows are the user's");
            Assert.That(State(0).Required("light", "").Required("radius", "").AsNumber(""), Is.EqualTo(0.5));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ValueThatUnityDoesNotHoldIsReadBack()
        {
            yield return Connect();
            LightValues values = MakeValues(LightValues.Point, 2);
            yield return ApplySharedLamp(1, values);
            // Unity's own code changes the light between the batch and the read-back.
            FindLight(LampB).intensity = 7;
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null, MakeChange("update", LightUuid, null,
                MakeName("Other"))));
            Assert.That(State(0).Required("light", "").Required("intensity", "").AsNumber(""),
                Is.EqualTo(7 * One).Within(1e-2), "the object that shows something else counts");
        }

        [UnityTest]
        public IEnumerator EditOfOneUserIsShownByTheOthers()
        {
            yield return Connect();
            yield return ApplySharedLamp(1, MakeValues(LightValues.Point, 2));
            Light edited = FindLight(LampB);
            Undo.RecordObject(edited, "Edit");
            edited.intensity = 6;
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LightUuid }));
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(6));
            Assert.That(edited.range, Is.EqualTo(77.45967).Within(1e-4), "the range of a light without one follows");
            Assert.That(SentLight(0).Required("range", "").IsNull);
            yield return Accept(2);
            yield return ExpectNone("intent");
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(2).Within(1e-6));
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(2 * One).Within(1e-2));
        }

        [UnityTest]
        public IEnumerator UndoOfABatchIsTheUsersChange()
        {
            yield return Connect();
            LightValues values = MakeValues(LightValues.Point, 2);
            yield return ApplySharedLamp(1, values);
            values.Intensity = 4 * One;
            values.Radius = 0.5;
            yield return ExpectApplied(Daemon.Apply(2, "Brighten", null, MakeChange("update", LightUuid, null,
                MakeLight(values))));
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(SentLight(0).Required("intensity", "").AsNumber(""), Is.EqualTo(2 * One).Within(1e-2));
            Assert.That(SentLight(0).Required("range", "").IsNull);
            Assert.That(SentLight(0).Required("radius", "").AsNumber(""), Is.EqualTo(0.5), "Unity shows no radius");
            yield return Accept(3);
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("op", "")), Is.All.EqualTo("delete"));
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EquivalentTo(new[] { LightUuid, LampA, LampB }));
            Assert.That(Changes.Last().RequiredString("uuid", ""), Is.EqualTo(LightUuid), "what is used goes last");
            yield return Accept(4);
            Undo.PerformRedo();
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EquivalentTo(new[] { LightUuid, LampA, LampB }), "with the same uuids");
        }

        [UnityTest]
        public IEnumerator CopyGetsALightOfItsOwn()
        {
            yield return Connect();
            LightValues values = MakeValues(LightValues.Point, 2);
            values.Radius = 0.5;
            yield return ApplySharedLamp(1, values);
            GameObject copy = Host.Duplicate(FindObject(LampA));
            yield return Expect("intent");
            string uuid = Changes[0].RequiredString("uuid", "");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("op", "") + change.RequiredString("kind", "")),
                Is.EqualTo(new[] { "createlight", "createobject" }));
            Assert.That(new[] { LightUuid, LampA, LampB }, Has.No.Member(uuid));
            Assert.That(SentLight(0).Required("radius", "").AsNumber(""), Is.EqualTo(0.5));
            yield return Accept(2);
            Light light = copy.GetComponent<Light>();
            Undo.RecordObject(light, "Edit");
            light.intensity = 9;
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { uuid }));
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(2).Within(1e-6));
        }

        [UnityTest]
        public IEnumerator RemovedLightIsDeletedAndUndoRestoresIt()
        {
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            GameObject item = Lamp.gameObject;
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(Lamp);
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("op", "")), Is.EqualTo(new[] { "update", "delete" }));
            Assert.That(GetComponents(Changes[0]).Required("data", "").Required("uuid", "").IsNull);
            Assert.That(Numbers(GetComponents(Changes[0]).Required("transform", ""), "rotation"),
                Is.EqualTo(new double[] { 0, 0, 0, 1 }), "the axes of an object again");
            yield return Accept(2);
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(Changes[0].RequiredString("op", "") + Changes[0].RequiredString("uuid", ""),
                Is.EqualTo("create" + LampUuid));
            Assert.That(item.GetComponent<Light>() != null);
        }

        [UnityTest]
        public IEnumerator RemovedLightStaysForItsOtherUsers()
        {
            yield return Connect();
            yield return ApplySharedLamp(1, MakeValues(LightValues.Point, 2));
            Undo.DestroyObjectImmediate(FindLight(LampB));
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LampB }));
            yield return Accept(2);
            Light another = Undo.AddComponent<Light>(FindObject(LampB));
            another.intensity = 8;
            yield return Expect("intent");
            Assert.That(Changes[0].RequiredString("op", ""), Is.EqualTo("create"), "another light is another entity");
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(2).Within(1e-6));
        }

        [UnityTest]
        public IEnumerator MeshBesideALightWins()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.AddComponent<Light>();
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("kind", "")), Is.EqualTo(new[] { "mesh", "object" }));
            Assert.That(Numbers(GetComponents(Changes[1]).Required("transform", ""), "rotation"),
                Is.EqualTo(new double[] { 0, 0, 0, 1 }));
            yield return Accept(1);
            yield return ExpectApplied(Daemon.Apply(2, "Empty", null, MakeChange("update", GetUuid(cube), null,
                MakeName("Lit cube"))));
            Assert.That(cube.GetComponent<Light>() != null, "VibeSync did not get it, so it does not remove it");
            Assert.That(Host.Log.Exists(entry => entry.Contains("lights beside a mesh")));
        }

        [UnityTest]
        public IEnumerator AnotherTypeIsTheSameEntity()
        {
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            Undo.RecordObject(Lamp, "Edit");
            Lamp.type = LightType.Disc;
            Lamp.areaSize = new Vector2(2, 1);
            yield return Expect("intent");
            Assert.That(Changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EqualTo(new[] { LampUuid }));
            Assert.That(SentLight(0).RequiredString("shape", ""), Is.EqualTo("disk"));
            Assert.That(Numbers(SentLight(0), "size"), Is.EqualTo(new double[] { 4, 4 }));
            yield return Accept(2);
            LightValues sun = MakeValues(LightValues.Sun, 1);
            yield return ExpectApplied(Daemon.Apply(3, "Sun", null, MakeChange("update", LampUuid, null, MakeLight(sun))));
            Assert.That(Lamp.type, Is.EqualTo(LightType.Directional));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator LightComesBeforeItsObject()
        {
            yield return Connect();
            yield return ExpectApplied(Daemon.Apply(1, "Add light", null,
                MakeChange("create", LightUuid, "light", MakeLight("Glow", MakeValues(LightValues.Point, 2)))));
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Glow"));
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(2, "Add lamp", null, MakeLamp(LampA, "A", LightUuid)));
            Assert.That(FindLight(LampA).intensity, Is.EqualTo(2).Within(1e-6));
            yield return ExpectApplied(Daemon.Apply(3, "Remove lamp", null, MakeChange("delete", LampA)));
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(4, "Remove light", null, MakeChange("delete", LightUuid)));
            Assert.That(Results[0].Required("state", "").IsNull);
            yield return ExpectNone("intent");
        }
    }
}
