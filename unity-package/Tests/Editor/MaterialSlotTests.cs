using System.Collections;
using System.Collections.Generic;
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
    /// <summary>Tests which materials objects show: those of their mesh, and own ones.</summary>
    public sealed class MaterialSlotTests : MaterialHarness
    {
        [UnityTest]
        public IEnumerator OwnMaterialIsShownByThatObjectAlone()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxA, null,
                MakeOwn("{\"0\":\"" + Blue + "\"}"))));
            Assert.That((FindShown(BoxA).name, FindShown(BoxB).name), Is.EqualTo(("Blue", "Red")));
            Assert.That(ReadOwn(State(0)), Is.EqualTo("{\"0\":\"" + Blue + "\"}"));
            Assign(BoxB, FindShown(BoxA));
            yield return ExpectAccepted(3);
            Assert.That(ReadOwn(Sent(BoxB)), Is.EqualTo("{\"0\":\"" + Blue + "\"}"), "a person's assignment");
            Assert.That(Changes.Count, Is.EqualTo(1), "the mesh keeps its own");
            yield return ExpectApplied(Daemon.Apply(4, "Mesh's", null, MakeChange("update", BoxA, null, MakeOwn("{}"))));
            Assert.That((FindShown(BoxA).name, FindShown(BoxB).name), Is.EqualTo(("Red", "Blue")));
        }

        [UnityTest]
        public IEnumerator AssigningTheMaterialOfTheMeshRemovesTheOwnOne()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material red = FindShown(BoxA);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxA, null,
                MakeOwn("{\"0\":\"" + Blue + "\"}"))));
            Assign(BoxA, red);
            yield return ExpectAccepted(3);
            Assert.That(ReadOwn(Sent(BoxA)), Is.EqualTo("{}"));
        }

        [UnityTest]
        public IEnumerator OwnMaterialThatEqualsTheMeshsStays()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            string own = "{\"0\":\"" + Red + "\",\"7\":null}";
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxA, null, MakeOwn(own))));
            Assert.That(ReadOwn(State(0)), Is.EqualTo(own));
            yield return ExpectApplied(Daemon.Apply(3, "Slots", null, MakeChange("update", MeshUuid, null, MakeSlots(Blue))));
            Assert.That((FindShown(BoxA).name, FindShown(BoxB).name), Is.EqualTo(("Red", "Blue")));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator AssignmentSurvivesSlotsThatArriveFirst()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red, Blue);
            Material blue = AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Blue.mat");
            FindRenderer(BoxB).sharedMaterials = new[] { blue };
            yield return ExpectApplied(Daemon.Apply(2, "Slots", null, MakeChange("update", MeshUuid, null, MakeSlots(null, Red))));
            Assert.That((FindShown(BoxA) == UnityCompat.DefaultMaterial(), FindShown(BoxB) == blue), Is.EqualTo((true, true)));
            Assert.That(ReadSlots(State(0)), Is.EqualTo(new[] { "-", Red }));
            yield return ExpectApplied(Daemon.Apply(3, "Name", null, MakeChange("update", BoxB, null, MakeName("Other"))));
            Assert.That(ReadOwn(State(0)), Is.EqualTo("{\"0\":\"" + Blue + "\"}"));
        }

        [UnityTest]
        public IEnumerator FirstRendererDecidesTheSlotsOfAMesh()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            GameObject box = CreateBox("Box", mine);
            yield return ExpectAccepted(1);
            Assert.That(Changes.ConvertAll(each => each.RequiredString("kind", "")),
                Is.EqualTo(new[] { "material", "mesh", "object" }));
            string uuid = Changes[0].RequiredString("uuid", "");
            Assert.That(ReadSlots(GetComponents(Changes[1])), Is.EqualTo(new[] { uuid }));
            Assert.That(GetComponents(Changes[2]).Find("materials"), Is.Null);
            Host.Duplicate(box);
            yield return ExpectAccepted(2);
            Assert.That(Changes.Count, Is.EqualTo(1), "the copy shows the same");
        }

        [UnityTest]
        public IEnumerator MaterialsThatAreNoAssetsAreNeitherSentNorReplaced()
        {
            yield return Connect();
            Material[] shown = { UnityCompat.DefaultMaterial(), new Material(Shader.Find(Names.Name)) { name = "Scene" } };
            GameObject box = CreateBox("Box", shown);
            yield return ExpectAccepted(1);
            Assert.That(Changes.ConvertAll(each => each.RequiredString("kind", "")), Is.EqualTo(new[] { "mesh", "object" }));
            Assert.That(GetComponents(Changes[0]).Find("slots"), Is.Null);
            MeshRenderer renderer = box.GetComponent<MeshRenderer>();
            renderer.sharedMaterials = new[] { shown[1] };
            yield return ExpectApplied(Daemon.Apply(2, "None", null, MakeChange("update",
                Changes[0].RequiredString("uuid", ""), null, MakeSlots(null, null))));
            Assert.That(renderer.sharedMaterials.Single() == shown[1], "it reads as none already");
            yield return ExpectNone("intent");
            Assert.That(Host.Log.Count(line => line.Contains("materials that are no assets")), Is.EqualTo(1));
        }

        [UnityTest]
        public IEnumerator ExtraMaterialsOfARendererStay()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material red = FindShown(BoxA);
            Material blue = AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Blue.mat");
            MeshRenderer renderer = FindRenderer(BoxA);
            Undo.RecordObject(renderer, "Assign");
            renderer.sharedMaterials = new[] { red, blue };
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(2, "Slots", null, MakeChange("update", MeshUuid, null, MakeSlots(Blue))));
            Assert.That(renderer.sharedMaterials.Select(material => material.name), Is.EqualTo(new[] { "Blue", "Blue" }));
        }

        [UnityTest]
        public IEnumerator NewSubmeshShowsItsSlot()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red, Blue);
            MeshComponent mesh = MakeTriangle(0);
            mesh.Submeshes[0] = new Submesh(1, 0, 3);
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(2, "Mesh", attachments, MakeChange("update", MeshUuid, null,
                JsonValue.Object().With("mesh", mesh.ToJson(attachments)))));
            Assert.That(FindRenderer(BoxB).sharedMaterials.Select(material => material.name), Is.EqualTo(new[] { "Red", "Blue" }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NewSubmeshThatArrivesWithOtherSlotsIsNoAssignment()
        {
            yield return Connect();
            yield return ApplyBoxes(1, null, Red);
            MeshComponent mesh = MakeTriangle(0);
            mesh.Submeshes[0] = new Submesh(1, 0, 3);
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = MakeSlots(null, Blue).With("mesh", mesh.ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(2, "Mesh", attachments, MakeChange("update", MeshUuid, null, components)));
            Assert.That(FindRenderer(BoxA).sharedMaterials[1].name, Is.EqualTo("Blue"));
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(3, "Name", null, MakeChange("update", BoxA, null, MakeName("Other"))));
            Assert.That(ReadOwn(State(0)), Is.EqualTo("{}"));
        }

        [UnityTest]
        public IEnumerator AssignmentSurvivesNewSubmeshes()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red, Blue);
            Assign(BoxB, AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Blue.mat"));
            yield return ExpectAccepted(2);
            MeshComponent mesh = MakeTriangle(0);
            mesh.Submeshes[0] = new Submesh(1, 0, 3);
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = JsonValue.Object().With("mesh", mesh.ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(3, "Mesh", attachments, MakeChange("update", MeshUuid, null, components)));
            Assert.That(FindRenderer(BoxB).sharedMaterials.Select(material => material.name), Is.EqualTo(new[] { "Blue", "Blue" }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UndoOfAnAssignmentIsSent()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material blue = AssetDatabase.LoadAssetAtPath<Material>("Assets/VibeSync/Materials/Blue.mat");
            Assign(BoxA, blue);
            yield return ExpectAccepted(2);
            Undo.PerformUndo();
            yield return ExpectAccepted(3);
            Assert.That(ReadOwn(Sent(BoxA)), Is.EqualTo("{}"));
        }

        [UnityTest]
        public IEnumerator SlotsAndOwnMaterialsSurviveAReload()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red, null, Blue);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxA, null,
                MakeOwn("{\"0\":\"" + Blue + "\",\"2\":\"" + Red + "\"}"))));
            Host.SaveScene(Host.GetScenePath("scene.unity"));
            Host.OpenScene(Host.GetScenePath("scene.unity"));
            yield return Connect();
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(3, "Name", null, MakeChange("update", BoxA, null, MakeName("Other")),
                MakeChange("update", MeshUuid, null, MakeName("Mesh"))));
            Assert.That(ReadOwn(State(0)), Is.EqualTo("{\"0\":\"" + Blue + "\",\"2\":\"" + Red + "\"}"));
            Assert.That(ReadSlots(State(1)), Is.EqualTo(new[] { Red, "-", Blue }));
        }

        [UnityTest]
        public IEnumerator CreateWithoutSlotsClearsThem()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxA, null,
                MakeOwn("{\"0\":\"" + Blue + "\"}"))));
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(3, "Restore", attachments, MakeChange("create", MeshUuid, "mesh",
                MakeMesh("Box", MakeTriangle(0), attachments)), MakeBox(BoxA, "A")));
            Assert.That(ReadSlots(State(0)), Is.Empty);
            Assert.That(ReadOwn(State(1)), Is.EqualTo("{}"));
            Assert.That(FindShown(BoxA) == UnityCompat.DefaultMaterial());
        }

        [UnityTest]
        public IEnumerator LocksOfTheOtherEditorAreReadBack()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            const string Locks = "{\"blender\":{\"pbr\":[\"roughness\"]}}";
            const string Place = "{\"blender\":{\"transform\":[\"rotation\"]}}";
            yield return ExpectApplied(Daemon.Apply(2, "Lock", null,
                MakeChange("update", Red, null, JsonValue.Object().With("locks", JsonReader.Read(Locks))),
                MakeChange("update", BoxA, null, JsonValue.Object().With("locks", JsonReader.Read(Place)))));
            Assert.That(JsonWriter.Write(State(0).Required("locks", "")), Is.EqualTo(Locks));
            Assert.That(JsonWriter.Write(State(1).Required("locks", "")), Is.EqualTo(Place));
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(3, "Free", null,
                MakeChange("update", BoxA, null, JsonValue.Object().With("locks", JsonValue.Object()))));
            Assert.That(JsonWriter.Write(State(0).Required("locks", "")), Is.EqualTo("{}"));
        }

        [UnityTest]
        public IEnumerator RefusedEditOfALockedFieldIsRestored()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Edit(FindShown(BoxA), Names.Smoothness, 0);
            yield return Expect("intent");
            Daemon.Refuse(Received, "VS-3015", "changes[0].components.pbr.roughness");
            yield return ExpectApplied(Daemon.Apply(2, "Restore", null,
                MakeChange("create", Red, "material", MakeMaterial("Red", MakePbr(0.25)))));
            Assert.That(FindShown(BoxA).GetFloat(Names.Smoothness), Is.EqualTo(0.75f));
            Assert.That(ReadPbr(State(0)).Roughness, Is.EqualTo(0.25));
            yield return ExpectNone("intent");
        }
    }
}
