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
using static VibeSync.Tests.Adapter.ActionBuilder;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the actions that the daemon creates: shown by clips, read back, edited, saved and deleted.</summary>
    public sealed class ActionTests : ActionHarness
    {
        [UnityTest]
        public IEnumerator ActionOfTheDaemonIsAClipAndIsReadBack()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            AnimationClip clip = FindClip();
            Assert.That((clip.name, clip.frameRate), Is.EqualTo(("Bounce", 24f)));
            Assert.That(ReadProperties(), Is.EqualTo(new[] { "m_LocalPosition.x", "m_LocalPosition.y" }));
            Keyframe[] moved = ReadCurve("m_LocalPosition.x");
            Assert.That(moved.Select(key => key.value), Is.EqualTo(new[] { 0f, -2 }), "Unity mirrors X");
            Assert.That(moved.Select(key => key.time), Is.EqualTo(new[] { 1 / 24f, 11 / 24f }));
            Assert.That(moved[0].outTangent, Is.EqualTo(-0.125f * 24).Within(1e-5));
            Assert.That(moved[0].outWeight, Is.EqualTo(0.2f).Within(1e-6));
            Assert.That((moved[0].weightedMode, moved[1].weightedMode), Is.EqualTo((WeightedMode.Out, WeightedMode.In)));
            JsonValue keys = State(0).Required("action", "").Required("buffers", "").Required("keys", "");
            Assert.That(keys.Find("blob"), Is.Not.Null, "it is read back exactly, so its bytes do not travel");
            Assert.That(State(0).RequiredString("name", ""), Is.EqualTo("Bounce"));
            Assert.That(JsonWriter.Write(State(1).Required("animation", "")), Does.Contain(Bounce));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EditOfACurveIsSentAsThatAction()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            Keyframe[] keys = ReadCurve("m_LocalPosition.y");
            keys[1].value = 5;
            EditCurve("m_LocalPosition.y", keys);
            yield return ExpectAccepted(2);
            Assert.That(Changes.Count, Is.EqualTo(1));
            Assert.That(Sent(Bounce).AsObject("").Select(each => each.Key), Is.EqualTo(new[] { "action" }));
            ActionChannel[] sent = ReadSent(Sent(Bounce)).Slots.Single().Channels.ToArray();
            Assert.That(sent[0].Keys, Is.EqualTo(MakeMove()[0].Keys), "the other curve is exactly the same");
            Assert.That(sent[1].Keys.Select(key => (key.Time, key.Value)), Is.EqualTo(new[] { (1f, 0f), (6, 5), (11, 0) }));
            Assert.That(sent[1].Keys[1].OutValue, Is.EqualTo(5.25f).Within(1e-5));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator CurvesThatComeAndGoAreChannels()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            EditCurve("m_LocalPosition.x", null);
            EditCurve("m_LocalScale.y", new Keyframe(0, 1, 0, 2), new Keyframe(0.5f, 2, 2, 0));
            EditCurve("localEulerAnglesRaw.y", new Keyframe(0, 90));
            yield return ExpectAccepted(2);
            ActionComponent sent = ReadSent(Sent(Bounce));
            Assert.That(sent.Slots.Single().Channels.Select(each => each.Path + each.Component),
                Is.EqualTo(new[] { "euler1", "scale1", "translation1" }));
            Assert.That(sent.Slots.Single().Channels[0].Keys.Single().Value, Is.EqualTo(-System.Math.PI / 2).Within(1e-6));
            Assert.That((sent.First, sent.Last), Is.EqualTo((0.0, 12.0)), "the range is that of the keys, as it was");
            Assert.That(sent.Slots.Single().Channels[1].Keys[0].Interpolation, Is.EqualTo(Interpolation.Linear));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator OtherCurvesOfAClipAreTheUsers()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            AnimationClip clip = FindClip();
            EditorCurveBinding lamp = EditorCurveBinding.FloatCurve("Lamp", typeof(Transform), "m_LocalPosition.x");
            AnimationUtility.SetEditorCurves(clip, new[] { lamp }, new[] { new AnimationCurve(new Keyframe(0, 1)) });
            yield return ExpectNone("intent");
            yield return ApplyAction(2, MakeAction(MakeMove().Take(1).ToArray()));
            Assert.That(AnimationUtility.GetEditorCurve(clip, lamp).keys.Single().value, Is.EqualTo(1));
            Assert.That(ReadCurve("m_LocalPosition.y"), Is.Null);
        }

        [UnityTest]
        public IEnumerator LockedChannelIsShownAndTakenBack()
        {
            yield return Connect();
            float[] samples = { 0, 0.5f, 2 };
            yield return ApplyBounce(1, MakeAction(MakeMove().Append(MakeLocked("translation", 2, samples)).ToArray()));
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo(""));
            Keyframe[] shown = ReadCurve("m_LocalPosition.z");
            Assert.That(shown.Select(key => key.value), Is.EqualTo(samples));
            Assert.That(shown.Select(key => key.time), Is.EqualTo(new[] { 1 / 24f, 2 / 24f, 3 / 24f }));
            EditCurve("m_LocalPosition.z", new Keyframe(0, 9));
            yield return WaitFor(() => ReadCurve("m_LocalPosition.z").Length == 3);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RotationIsShownAsAWhole()
        {
            yield return Connect();
            ActionChannel[] turn = Enumerable.Range(0, 4).Select(i => new ActionChannel("rotation", i, null, MakeKeys((1, i == 3 ? 1 : 0))))
                .ToArray();
            yield return ApplyBounce(1, MakeAction(turn.Take(3).ToArray()));
            Assert.That(ReadProperties(), Is.Empty);
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo(""));
            yield return ApplyAction(2, MakeAction(turn));
            Assert.That(ReadProperties().Length, Is.EqualTo(4));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator LoopIsASettingOfTheClip()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            AnimationClip clip = FindClip();
            AnimationClipSettings settings = AnimationUtility.GetAnimationClipSettings(clip);
            settings.loopTime = true;
            AnimationUtility.SetAnimationClipSettings(clip, settings);
            yield return ExpectAccepted(2);
            Assert.That(ReadSent(Sent(Bounce)).IsLoop);
            yield return ApplyAction(3, MakeAction(MakeMove()));
            Assert.That(AnimationUtility.GetAnimationClipSettings(clip).loopTime, Is.False);
        }

        [UnityTest]
        public IEnumerator UndoOfABatchIsSentAsAnEdit()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            yield return ApplyAction(2, MakeAction(MakeMove().Take(1).ToArray()));
            Assert.That(ReadCurve("m_LocalPosition.y"), Is.Null);
            Undo.PerformUndo();
            yield return ExpectAccepted(3);
            Assert.That(ReadSent(Sent(Bounce)).Digest(), Is.EqualTo(MakeAction(MakeMove()).Digest()));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator FailedBatchLeavesClipsAsTheyWere()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            List<byte[]> attachments = new List<byte[]>();
            JsonValue other = JsonValue.Object().With("action", MakeAction(MakeMove().Take(1).ToArray()).ToJson(attachments));
            JsonValue made = MakeName("Hop").With("action", MakeAction(MakeMove()).ToJson(attachments));
            yield return ExpectApplied(Daemon.Apply(2, "Fail", attachments, MakeChange("update", Bounce, null, other),
                MakeChange("create", Hop, "action", made), MakeChange("update", Ball, null, MakeAnimation(Hop)),
                MakeChange("create", Red, "material", MakeName("Broken"))));
            Assert.That(Results.ConvertAll(GetErrorCode), Has.None.EqualTo(""));
            Assert.That(ReadCurve("m_LocalPosition.y").Length, Is.EqualTo(3));
            Assert.That(File.Exists(FullPath("Assets/VibeSync/Actions/Hop.asset")), Is.False);
            Assert.That(JsonWriter.Write(State(2).Required("animation", "")), Does.Contain(Bounce));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ClipFollowsWhatPlaysIt()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            JsonValue eye = MakeObject("Eye", null, "01920000-0000-7000-8000-0000000000c2", MakeTransform(0, 0, 0));
            yield return ExpectApplied(Daemon.Apply(2, "Hang", null,
                MakeChange("create", "01920000-0000-7000-8000-0000000000c2", "camera",
                    MakeName("Lens").With("camera", new CameraComponent(CameraValues.Default()).ToJson(null))),
                MakeChange("create", BoxA, "object", eye),
                MakeChange("update", Ball, null, JsonValue.Object().With("parent", JsonValue.Object().With("uuid", BoxA)))));
            yield return WaitFor(() => ReadCurve("m_LocalPosition.x")[1].value == 2);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ActionIsKnownAfterAReload()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
            EditCurve("m_LocalPosition.x", new Keyframe(0, 4));
            yield return ExpectAccepted(2);
            Assert.That(ReadSent(Sent(Bounce)).Slots.Single().Channels[0].Keys.Single().Value, Is.EqualTo(-4));
        }

        [UnityTest]
        public IEnumerator RenamedFileStaysTheSameAction()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            // After the sweep, which reads every action once.
            yield return ExpectNone("intent");
            AssetDatabase.MoveAsset(BouncePath, Host.AssetFolder + "/Jump.asset");
            yield return ExpectAccepted(2);
            Assert.That(Sent(Bounce).AsObject("").Single().Key, Is.EqualTo("name"));
            Assert.That(Sent(Bounce).RequiredString("name", ""), Is.EqualTo("Jump"));
        }

        [UnityTest]
        public IEnumerator DeleteOfTheDaemonMovesTheFileToTheTrash()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("update", Ball, null, MakeAnimation(null, null)),
                MakeChange("delete", Bounce)));
            Assert.That(JsonWriter.Write(State(0).Required("animation", "")), Does.Not.Contain(Bounce));
            Assert.That(File.Exists(FullPath(BouncePath)), "until nothing has changed for a while");
            yield return WaitFor(() => !File.Exists(FullPath(BouncePath)));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DeletedFileIsADelete()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            yield return ExpectApplied(Daemon.Apply(2, "Stop", null, MakeChange("update", Ball, null, MakeAnimation(null, null))));
            AssetDatabase.DeleteAsset(BouncePath);
            yield return ExpectAccepted(3);
            Assert.That(Changes.Single().RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(Changes.Single().RequiredString("uuid", ""), Is.EqualTo(Bounce));
        }

        [UnityTest]
        public IEnumerator DuplicateOfAFileIsTheUsersOwn()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            const string Copy = "Assets/VibeSync/Actions/Bounce 1.asset";
            AssetDatabase.CopyAsset(BouncePath, Copy);
            byte[] before = File.ReadAllBytes(FullPath(Copy));
            yield return ApplyAction(2, MakeAction(MakeMove().Take(1).ToArray()));
            yield return ExpectNone("intent", 1.5);
            Assert.That(File.ReadAllBytes(FullPath(Copy)), Is.EqualTo(before));
        }

        [UnityTest]
        public IEnumerator LightsCamerasAndMeshesKeepWhatTheyPlay()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            List<byte[]> attachments = new List<byte[]>();
            const string Lamp = "01920000-0000-7000-8000-0000000000c1";
            JsonValue played = MakeAnimation(Bounce, null).Required("animation", "");
            yield return ExpectApplied(Daemon.Apply(2, "Add", attachments,
                MakeChange("create", Lamp, "light", MakeName("Lamp").With("animation", played)
                    .With("light", new LightComponent(LightValues.Default(LightValues.Point)).ToJson(null))),
                MakeChange("create", MeshUuid, "mesh", MakeMesh("Box", MakeTriangle(0), attachments).With("animation", played)),
                MakeChange("create", BoxA, "object", MakeObject("Lamp", null, Lamp, MakeTransform(0, 0, 0))),
                MakeChange("create", BoxB, "object", MakeObject("Box", null, MeshUuid, MakeTransform(0, 0, 0)))));
            foreach (int i in new[] { 0, 1 })
            {
                Assert.That(State(i).Required("animation", "").RequiredString("action", ""), Is.EqualTo(Bounce));
            }
            yield return ExpectNone("intent");
            yield return ExpectApplied(Daemon.Apply(3, "Stop", null, MakeChange("update", Lamp, null, MakeAnimation(null, null)),
                MakeChange("update", MeshUuid, null, MakeAnimation(null, null))));
            foreach (int i in new[] { 0, 1 }) { Assert.That(State(i).Required("animation", "").Required("action", "").IsNull); }
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator PreviewOfAClipIsNoEdit()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            AnimationMode.StartAnimationMode();
            FindObject(Ball).transform.localPosition = new Vector3(1, 2, 3);
            yield return ExpectNone("intent");
            FindObject(Ball).transform.localPosition = default;
            Keyframe[] keys = ReadCurve("m_LocalPosition.y");
            keys[1].value = 5;
            EditCurve("m_LocalPosition.y", keys);
            AnimationMode.StopAnimationMode();
            yield return ExpectAccepted(2);
            Assert.That(Changes.Single().RequiredString("uuid", ""), Is.EqualTo(Bounce));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EachSlotHasAClipOfItsOwn()
        {
            yield return Connect();
            ActionSlot range = new ActionSlot(9, "light", new[] { new ActionChannel("range", 0, null, MakeKeys((1, 5))) });
            ActionSlot move = new ActionSlot(Slot, "object", MakeMove());
            yield return ApplyBounce(1, new ActionComponent(24, 1, 1, 11, false, new[] { move, range }));
            AnimationClip[] clips = AssetDatabase.LoadAllAssetsAtPath(BouncePath).OfType<AnimationClip>().ToArray();
            Assert.That(clips.Select(clip => clip.name), Is.EquivalentTo(new[] { "Bounce (object 7)", "Bounce (light 9)" }));
            AnimationClip moving = clips.Single(clip => clip.name == "Bounce (object 7)");
            yield return ApplyAction(2, MakeAction(MakeMove()));
            Assert.That(FindClip(), Is.SameAs(moving), "the other is gone");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator VisibilityJumpsWhateverTheFormOfTheCurve()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(new ActionChannel("visible", 0, null, MakeKeys((1, 1), (5, 0)))));
            Keyframe[] shown = ReadCurve("m_IsActive", typeof(GameObject));
            Assert.That((shown[0].outTangent, shown[1].inTangent), Is.EqualTo((float.PositiveInfinity, float.PositiveInfinity)));
            Assert.That(State(0).Required("action", "").Required("buffers", "").Required("keys", "").Find("blob"), Is.Not.Null);
        }

        [UnityTest]
        public IEnumerator FileIsSavedAndUsedAgainByAnotherScene()
        {
            yield return Connect();
            yield return ApplyBounce(1, MakeAction(MakeMove()));
            yield return WaitFor(() => !EditorUtility.IsDirty(FindClip()));
            byte[] saved = File.ReadAllBytes(FullPath(BouncePath));
            Host.SaveScene(Host.GetScenePath("first.unity"));
            Host.SaveScene(Host.GetScenePath("second.unity"));
            Host.OpenScene(Host.GetScenePath("second.unity"));
            yield return Connect();
            yield return ExpectNone("intent");
            yield return ApplyBounce(2, MakeAction(MakeMove()));
            Assert.That(Directory.GetFiles(FullPath("Assets/VibeSync/Actions"), "*.asset").Length, Is.EqualTo(1));
            Assert.That(File.ReadAllBytes(FullPath(BouncePath)), Is.EqualTo(saved));
        }
    }
}
