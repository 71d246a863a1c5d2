using System.Collections;
using System.Collections.Generic;
using System.IO;
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
    /// <summary>Tests the materials that the daemon creates: written, read back, edited, saved and deleted.</summary>
    public sealed class MaterialTests : MaterialHarness
    {
        [UnityTest]
        public IEnumerator MaterialOfTheDaemonIsWrittenAndReadBack()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material shown = FindShown(BoxA);
            Assert.That(AssetDatabase.GetAssetPath(shown), Is.EqualTo("Assets/VibeSync/Materials/Red.mat"));
            Assert.That(shown.GetFloat(Names.Smoothness), Is.EqualTo(0.75f));
            Color color = shown.GetColor(Names.BaseColor);
            Assert.That(new[] { color.r, color.g, color.b, color.a },
                Is.EqualTo(new[] { 0.906332f, 0.735357f, 0.461356f, 1 }).Within(1e-6f));
            Assert.That(new PbrComponent(ReadPbr(State(0))).Digest(), Is.EqualTo(new PbrComponent(MakePbr(0.25)).Digest()),
                "also what single precision rounds");
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Red"));
            Assert.That(ReadSlots(State(2)), Is.EqualTo(new[] { Red }));
            Assert.That(ReadOwn(State(3)), Is.EqualTo("{}"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EditInTheInspectorSendsThatFieldAlone()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Edit(FindShown(BoxA), Names.Smoothness, 0.5f);
            yield return ExpectAccepted(2);
            PbrValues expected = MakePbr(0.5);
            Assert.That(Changes.Count, Is.EqualTo(1));
            Assert.That(Sent(Red).AsObject("").Select(each => each.Key), Is.EqualTo(new[] { "pbr" }));
            Assert.That(new PbrComponent(ReadPbr(Sent(Red))).Digest(), Is.EqualTo(new PbrComponent(expected).Digest()));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EachNumberOfAMaterialIsSent()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material shown = FindShown(BoxA);
            Undo.RecordObject(shown, "Edit");
            shown.SetFloat(Names.Metallic, 0.625f);
            shown.SetFloat(Names.Cutoff, 0.25f);
            shown.SetFloat(Names.NormalScale, 0.5f);
            shown.SetColor(Names.BaseColor, new Color(1, 0, 0, 0.5f));
            yield return ExpectAccepted(2);
            PbrValues sent = ReadPbr(Sent(Red));
            Assert.That((sent.Metallic, sent.AlphaCutoff, sent.NormalScale, sent.Roughness), Is.EqualTo((0.625, 0.25, 0.5, 0.25)));
            Assert.That(sent.BaseColor, Is.EqualTo(new[] { 1, 0, 0, 0.5 }));
        }

        [UnityTest]
        public IEnumerator EmissionIsSwitchedOnAndOff()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material shown = FindShown(BoxA);
            EmissionComponent glow = new EmissionComponent(new[] { 0.5, 0.25, 0 }, 4);
            yield return ExpectApplied(Daemon.Apply(2, "Glow", null, MakeChange("update", Red, null,
                JsonValue.Object().With("emission", glow.ToJson(null)))));
            Color color = shown.GetColor(Names.Emission);
            Assert.That((color.r, color.g, color.b), Is.EqualTo((2f, 1f, 0f)));
            Assert.That(shown.IsKeywordEnabled("_EMISSION"));
            Assert.That(shown.globalIlluminationFlags, Is.EqualTo(MaterialGlobalIlluminationFlags.BakedEmissive));
            EmissionComponent read = EmissionComponent.Read(State(0).Required("emission", ""), "");
            Assert.That(read.Digest(), Is.EqualTo(glow.Digest()), "the split is kept");
            Undo.RecordObject(shown, "Edit");
            shown.DisableKeyword("_EMISSION");
            shown.globalIlluminationFlags = MaterialGlobalIlluminationFlags.EmissiveIsBlack;
            yield return ExpectAccepted(3);
            Assert.That(Sent(Red).Required("emission", "").Required("strength", "").AsNumber(""), Is.EqualTo(0));
        }

        [UnityTest]
        public IEnumerator UndoOfABatchIsSentAsAnEdit()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ExpectApplied(Daemon.Apply(2, "Polish", null, MakePbrChange(Red, MakePbr(0))));
            Assert.That(FindShown(BoxA).GetFloat(Names.Smoothness), Is.EqualTo(1));
            Undo.PerformUndo();
            yield return ExpectAccepted(3);
            Assert.That(new PbrComponent(ReadPbr(Sent(Red))).Digest(), Is.EqualTo(new PbrComponent(MakePbr(0.25)).Digest()));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FailedBatchLeavesMaterialsAsTheyWere()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            byte[] before = ReadFile(FindShown(BoxA));
            yield return ExpectApplied(Daemon.Apply(2, "Fail", null, MakePbrChange(Red, MakePbr(0)),
                MakeChange("create", "01920000-0000-7000-8000-0000000000d3", "material", MakeMaterial("New", MakePbr(1))),
                MakeChange("update", MeshUuid, null, MakeSlots(Blue)),
                MakeChange("update", BoxB, null, MakeOwn("{\"0\":\"" + Red + "\"}")),
                MakeChange("update", BoxA, null, JsonValue.Object().With("parent", JsonValue.Object().With("uuid", BoxA)))));
            Assert.That(Results.ConvertAll(GetErrorCode), Has.None.EqualTo(""));
            Assert.That(FindShown(BoxA).GetFloat(Names.Smoothness), Is.EqualTo(0.75f));
            Assert.That(File.Exists(Path.Combine(Host.ProjectFolder, "Assets/VibeSync/Materials/New.mat")), Is.False);
            Assert.That(ReadFile(FindShown(BoxA)), Is.EqualTo(before));
            Assert.That(ReadSlots(State(2)), Is.EqualTo(new[] { Red }));
            Assert.That(ReadOwn(State(3)), Is.EqualTo("{}"));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NameOfTheDaemonIsKeptUntilThePersonRenames()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null, MakeChange("update", Red, null, MakeName("a/b: c"))));
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("a/b: c"));
            AssetDatabase.MoveAsset(AssetDatabase.GetAssetPath(FindShown(BoxA)), "Assets/VibeSync/Materials/Mine.mat");
            yield return ExpectAccepted(3);
            Assert.That(Sent(Red).RequiredString("name", ""), Is.EqualTo("Mine"), "the file moved with its identity");
        }

        [UnityTest]
        public IEnumerator MaterialIsKnownAfterAReload()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
            Edit(FindShown(BoxA), Names.Smoothness, 0.5f);
            yield return ExpectAccepted(2);
            Assert.That(ReadPbr(Sent(Red)).Metallic, Is.EqualTo(1 / 3.0), "the kept value");
        }

        [UnityTest]
        public IEnumerator FileIsSavedAndUsedAgainByAnotherScene()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            string path = AssetDatabase.GetAssetPath(FindShown(BoxA));
            yield return WaitFor(() => !EditorUtility.IsDirty(FindShown(BoxA)));
            byte[] saved = File.ReadAllBytes(Path.Combine(Host.ProjectFolder, path));
            Host.SaveScene(Host.GetScenePath("first.unity"));
            Host.SaveScene(Host.GetScenePath("second.unity"));
            Host.OpenScene(Host.GetScenePath("second.unity"));
            yield return Connect();
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(2, "Again", null,
                MakeChange("create", Red, "material", MakeMaterial("Red", MakePbr(0.25)))));
            Assert.That(AssetDatabase.FindAssets("t:Material", new[] { "Assets/VibeSync/Materials" }).Length, Is.EqualTo(2));
            Assert.That(File.ReadAllBytes(Path.Combine(Host.ProjectFolder, path)), Is.EqualTo(saved));
        }

        [UnityTest]
        public IEnumerator DuplicateOfAFileIsTheUsersOwn()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return WaitFor(() => !EditorUtility.IsDirty(FindShown(BoxA)));
            const string Path = "Assets/VibeSync/Materials/Red 1.mat";
            AssetDatabase.CopyAsset(AssetDatabase.GetAssetPath(FindShown(BoxA)), Path);
            Assign(BoxB, AssetDatabase.LoadAssetAtPath<Material>(Path));
            yield return ExpectAccepted(2);
            JsonValue created = Changes.Single(each => each.RequiredString("op", "") == "create");
            Assert.That(created.RequiredString("uuid", ""), Is.Not.EqualTo(Red));
            Assert.That(GetComponents(created).Required("locks", "").Find("unity"), Is.Not.Null);
        }

        [UnityTest]
        public IEnumerator DeletedMaterialLeavesItsSlotsFirst()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null, MakeChange("update", BoxB, null,
                MakeOwn("{\"0\":\"" + Blue + "\"}"))));
            AssetDatabase.DeleteAsset(AssetDatabase.GetAssetPath(FindShown(BoxA)));
            AssetDatabase.DeleteAsset(AssetDatabase.GetAssetPath(FindShown(BoxB)));
            yield return ExpectAccepted(3);
            Assert.That(ReadSlots(Sent(MeshUuid)), Is.EqualTo(new[] { "-" }));
            Assert.That(ReadOwn(Sent(BoxB)), Is.EqualTo("{\"0\":null}"));
            Assert.That(Changes.Skip(Changes.Count - 2).Select(each => each.RequiredString("op", "")),
                Is.EqualTo(new[] { "delete", "delete" }), "the last ones");
            Assert.That(Changes.Count, Is.EqualTo(4));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeleteOfTheDaemonMovesTheFileToTheTrash()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            string path = Path.Combine(Host.ProjectFolder, AssetDatabase.GetAssetPath(FindShown(BoxA)));
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("update", MeshUuid, null, MakeSlots(null, null)),
                MakeChange("delete", Red)));
            Assert.That(File.Exists(path), "until nothing has changed for a while");
            Assert.That(Results[1].Required("state", "").IsNull);
            Assert.That(FindShown(BoxA) == UnityCompat.DefaultMaterial());
            yield return WaitFor(() => !File.Exists(path));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeletedMaterialThatComesBackKeepsItsFile()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            Material shown = FindShown(BoxA);
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("update", MeshUuid, null, MakeSlots()),
                MakeChange("delete", Red)));
            yield return ExpectApplied(Daemon.Apply(3, "Undo", null,
                MakeChange("create", Red, "material", MakeMaterial("Red", MakePbr(0.5))),
                MakeChange("update", MeshUuid, null, MakeSlots(Red))));
            Assert.That(FindShown(BoxA) == shown);
            Assert.That(shown.GetFloat(Names.Smoothness), Is.EqualTo(0.5f));
            yield return ExpectNone("intent", 1.5);
            Assert.That(AssetDatabase.Contains(shown));
        }
    }
}
