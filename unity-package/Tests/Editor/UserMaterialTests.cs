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
    /// <summary>Tests that materials of the user's are sent, locked, and never written.</summary>
    public sealed class UserMaterialTests : MaterialHarness
    {
        string uuid;

        /// <summary>Creates an object with a material of the user's; its uuid is then known.</summary>
        Steps CreateShown(Material material) => Run(CreateAndAccept(material));

        IEnumerator CreateAndAccept(Material material)
        {
            CreateBox("Box", material);
            yield return ExpectAccepted(1);
            uuid = Changes[0].RequiredString("uuid", "");
        }

        [UnityTest]
        public IEnumerator MaterialOfTheUsersIsSentWithAllFieldsLocked()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            mine.SetFloat(Names.Smoothness, 0.75f);
            yield return CreateShown(mine);
            JsonValue sent = Sent(uuid);
            Assert.That(sent.RequiredString("name", ""), Is.EqualTo("Mine"));
            Assert.That(ReadPbr(sent).Roughness, Is.EqualTo(0.25));
            LocksComponent locks = LocksComponent.Read(sent.Required("locks", ""), "");
            Assert.That(PbrValues.Fields.All(field => locks.IsLocked("unity", "pbr", field)));
            Assert.That(EmissionComponent.Fields.All(field => locks.IsLocked("unity", "emission", field)));
            Edit(mine, Names.Smoothness, 0.25f);
            yield return ExpectAccepted(2);
            Assert.That(ReadPbr(Sent(uuid)).Roughness, Is.EqualTo(0.75), "the user still edits it");
        }

        [UnityTest]
        public IEnumerator MaterialOfTheUsersIsNeverWritten()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            yield return CreateShown(mine);
            byte[] before = ReadFile(mine);
            PbrValues shown = ReadPbr(Sent(uuid));
            PbrValues other = shown;
            other.Roughness = 0;
            yield return ExpectApplied(Daemon.Apply(2, "Write", null, MakePbrChange(uuid, other),
                MakeChange("update", uuid, null, MakeName("Renamed"))));
            Assert.That(ReadPbr(State(0)).Roughness, Is.EqualTo(shown.Roughness), "what Unity shows");
            Assert.That(State(1).RequiredString("name", ""), Is.EqualTo("Renamed"));
            yield return ExpectAccepted(3);
            Assert.That(ReadPbr(Sent(uuid)).Roughness, Is.EqualTo(shown.Roughness), "its owner corrects the daemon");
            yield return ExpectNone("intent", 1.3);
            Assert.That(mine.name, Is.EqualTo("Mine"));
            Assert.That(ReadFile(mine), Is.EqualTo(before));
            Assert.That(EditorUtility.IsDirty(mine), Is.False);
        }

        [UnityTest]
        public IEnumerator UuidIsTheSameInEachScene()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            yield return CreateShown(mine);
            string first = uuid;
            Assert.That(first[14], Is.EqualTo('5'));
            Host.SaveScene(Host.GetScenePath("first.unity"));
            Host.OpenScene(Host.GetScenePath("first.unity"));
            yield return Connect();
            AssetDatabase.MoveAsset(AssetDatabase.GetAssetPath(mine), Host.AssetFolder + "/Other.mat");
            yield return ExpectAccepted(2);
            Assert.That(Sent(first).RequiredString("name", ""), Is.EqualTo("Other"));
        }

        [UnityTest]
        public IEnumerator MaterialIsFoundInTheProjectByItsUuid()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            string known = UserMaterials.FindUuid(mine);
            yield return ExpectApplied(Daemon.Apply(1, "Sync", null,
                MakeChange("create", known, "material", MakeMaterial("Mine", MakePbr(0.25)))));
            Assert.That(AssetDatabase.FindAssets("t:Material", new[] { "Assets" }).Length, Is.EqualTo(1), "no copy is made");
            Assert.That(State(0).Required("locks", "").Find("unity"), Is.Not.Null);
        }

        [UnityTest]
        public IEnumerator TombstonedUuidIsFollowedByTheNext()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            CreateBox("Box", mine);
            yield return Expect("intent");
            string first = Changes[0].RequiredString("uuid", "");
            Daemon.Refuse(Received, "VS-3006", "changes[0]");
            yield return ExpectAccepted(1);
            string second = Changes[0].RequiredString("uuid", "");
            Assert.That((first, second), Is.EqualTo((UserMaterials.FindUuid(mine), UserMaterials.FindUuid(mine, 1))));
            Assert.That(ReadSlots(GetComponents(Changes[1])), Is.EqualTo(new[] { second }));
        }

        [UnityTest]
        public IEnumerator DeleteOfTheDaemonLeavesTheAssetOfTheUsers()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine");
            yield return CreateShown(mine);
            string mesh = Changes[1].RequiredString("uuid", "");
            string box = Changes[2].RequiredString("uuid", "");
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("update", mesh, null, MakeSlots((string)null)),
                MakeChange("delete", uuid)));
            yield return ExpectNone("intent", 1.3);
            Assert.That(AssetDatabase.Contains(mine));
            Assert.That(FindShown(box) == UnityCompat.DefaultMaterial());
        }

        [UnityTest]
        public IEnumerator SwappedShaderEndsWritingAndIsTold()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material shown = FindShown(BoxA);
            yield return WaitFor(() => !EditorUtility.IsDirty(shown));
            Shader before = shown.shader;
            shown.shader = Shader.Find(OtherShader);
            EditorUtility.SetDirty(shown);
            AssetDatabase.SaveAssetIfDirty(shown);
            byte[] file = ReadFile(shown);
            yield return ExpectApplied(Daemon.Apply(2, "Polish", null, MakePbrChange(Red, MakePbr(0.125))));
            Assert.That(ReadPbr(State(0)).Roughness, Is.EqualTo(0.125), "the daemon holds it");
            yield return ExpectNone("intent", 1.3);
            Assert.That(ReadFile(shown), Is.EqualTo(file));
            Assert.That(Host.Log.Count(line => line.Contains("does not write the material Red")), Is.EqualTo(1));
            shown.shader = before;
            yield return WaitFor(() => shown.GetFloat(Names.Smoothness) == 0.875f);
            yield return ExpectNone("intent");
        }

        /// <summary>A shader that each version of Unity has and that is not synchronized.</summary>
        const string OtherShader = "Unlit/Color";

        [UnityTest]
        public IEnumerator UnknownShaderIsSentByItsColor()
        {
            yield return Connect();
            Material mine = CreateUsers("Mine", Shader.Find(OtherShader));
            mine.SetColor("_Color", new Color(1, 0, 0, 1));
            yield return CreateShown(mine);
            PbrValues sent = ReadPbr(Sent(uuid));
            Assert.That(sent.BaseColor, Is.EqualTo(new double[] { 1, 0, 0, 1 }));
            Assert.That((sent.Roughness, sent.Metallic), Is.EqualTo((0.5, 0.0)));
        }
    }
}
