using System.Collections;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Shows what the user of the other editor is doing, and puts back what was there before.</summary>
    public sealed class PreviewTests : PreviewHarness
    {
        static readonly Vector3 Origin = new Vector3(0, 0, 0);

        static readonly Vector3 Shown = new Vector3(-3, 4, 5);

        Steps ShowIt() => Show(3, 4, 5);

        [UnityTest]
        public IEnumerator FeatureIsAcceptedOnlyIfItIsOffered([Values(true, false)] bool isOffered)
        {
            if (!isOffered) { Daemon.Features = JsonValue.Array(); }
            yield return Connect();
            JsonValue features = Daemon.Hello.Find("features");
            Assert.That(features != null && JsonWriter.Write(features) == "[\"previews\"]", Is.EqualTo(isOffered));
        }

        [UnityTest]
        public IEnumerator PreviewLeavesNoTrace()
        {
            yield return ConnectWithItem();
            string path = Host.GetScenePath("Shown");
            Host.SaveScene(path);
            int steps = Host.UndoSteps;
            yield return ShowIt();
            Assert.That(SceneManager.GetActiveScene().isDirty, Is.False);
            Assert.That(Host.UndoSteps, Is.EqualTo(steps));
            yield return ExpectNone("intent");
            Assert.That(Position, Is.EqualTo(Shown));
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(Uuid)));
            yield return WaitFor(() => Position.Equals(Origin));
            Assert.That(SceneManager.GetActiveScene().isDirty, Is.False);
            Assert.That(Host.UndoSteps, Is.EqualTo(steps));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NewestValueIsShown()
        {
            yield return ConnectWithItem();
            for (int i = 1; i < 20; i++) { SendPreview(MakePreview(Uuid, MakeTransform(i, 0, 0))); }
            yield return Show(20);
            yield return Settle();
            Assert.That(Position, Is.EqualTo(new Vector3(-20, 0, 0)));
        }

        [UnityTest]
        public IEnumerator UnknownObjectsAndComponentsAreIgnored()
        {
            yield return ConnectWithItem();
            SendPreview(MakePreview(System.Guid.NewGuid().ToString(), MakeTransform(1, 0, 0)),
                JsonValue.Object().With("uuid", Uuid).With("components", JsonValue.Object().With("pose", JsonValue.Object())));
            yield return ShowIt();
            Assert.That(Bridge.Status.State, Is.EqualTo("connected"));
        }

        [UnityTest]
        public IEnumerator PreviewEndsAfterASecondWithoutANewerOne()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Clock += 0.9;
            SendPreview(MakePreview(Uuid, MakeTransform(3, 4, 5)));
            yield return Settle();
            Clock += 0.9;
            yield return Settle();
            Assert.That(Position, Is.EqualTo(Shown), "it was repeated");
            Clock += 0.2;
            yield return WaitFor(() => Position.Equals(Origin));
        }

        [UnityTest]
        public IEnumerator LostConnectionEndsIt()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Daemon.Drop();
            yield return WaitFor(() => Position.Equals(Origin));
        }

        [UnityTest]
        public IEnumerator PauseEndsIt()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Bridge.IsEnabled = false;
            Assert.That(Position, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator FileNeverHoldsIt()
        {
            yield return ConnectWithItem();
            string path = Host.GetScenePath("Saved");
            Host.SaveScene(path);
            string uuid = Uuid;
            yield return ShowIt();
            Host.SaveScene(path);
            Assert.That(Position, Is.EqualTo(Origin));
            yield return ShowIt();
            Host.OpenScene(path);
            Assert.That(FindObject(uuid).transform.localPosition, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator ClosedSceneIsWithoutIt()
        {
            yield return ConnectWithItem();
            string path = Host.GetScenePath("Closed");
            Host.SaveScene(path);
            yield return ShowIt();
            Vector3 last = Shown;
            EditorSceneManager.SceneClosingCallback look = (scene, isRemoving) => last = Position;
            EditorSceneManager.sceneClosing += look;
            Host.OpenScene(path);
            EditorSceneManager.sceneClosing -= look;
            Assert.That(last, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator GameNeverSeesIt([Values(true, false)] bool reloads)
        {
            yield return ConnectWithItem();
            string uuid = Uuid;
            yield return ShowIt();
            yield return Run(Host.EnterPlayMode(reloads));
            Assert.That(FindObject(uuid).transform.localPosition, Is.EqualTo(Origin));
            yield return Run(Host.ExitPlayMode());
            Clock += 1;
            yield return Sync();
            Assert.That(FindObject(uuid).transform.localPosition, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator DomainReloadEndsIt()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Vector3 between = Shown;
            Host.ReloadDomain(() => between = Position);
            Assert.That(between, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator UndoAndRedoMeetTheUsersOwnValues()
        {
            yield return ConnectWithItem();
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(Item.transform, "Move");
            Item.transform.localPosition = new Vector3(0, 7, 0);
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            yield return WaitFor(() => GetVersion(Item) == 2);
            yield return ShowIt();
            Undo.PerformUndo();
            Assert.That(Position, Is.EqualTo(Origin));
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            yield return WaitFor(() => GetVersion(Item) == 3);
            yield return ShowIt();
            Undo.PerformRedo();
            Assert.That(Position, Is.EqualTo(new Vector3(0, 7, 0)));
        }

        [UnityTest]
        public IEnumerator BatchIsReadBackWithoutIt()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            string batch = Daemon.Apply(2, "Rename", null, MakeChange("update", Uuid, null, MakeName("B")));
            SendPreview(MakePreview(Uuid, MakeTransform(9, 9, 9)));
            yield return ExpectApplied(batch);
            Assert.That(JsonWriter.Write(Results[0].Required("state", "")), Does.Contain("\"translation\":[0,0,0]"));
            Assert.That(Position, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator UndoOfTheDurableChangeLeadsToTheValueBeforeThePreview()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            string batch = Daemon.Apply(2, "Move", null, MakeChange("update", Uuid, null,
                JsonValue.Object().With("transform", MakeTransform(6, 0, 0))));
            yield return ExpectApplied(batch);
            Assert.That(Position, Is.EqualTo(new Vector3(-6, 0, 0)));
            Undo.PerformUndo();
            Assert.That(Position, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator ChildOfADeletedObjectKeepsItsOwnPlace()
        {
            yield return ConnectWithItem();
            yield return CreateAccepted("Above", 2);
            GameObject above = Created;
            Undo.SetTransformParent(Item.transform, above.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            yield return ShowIt();
            string batch = Daemon.Apply(4, "Delete", null, MakeChange("delete", GetUuid(above)));
            SendPreview(MakePreview(Uuid, MakeTransform(3, 4, 5)));
            yield return ExpectApplied(batch);
            Assert.That(Position, Is.EqualTo(Origin));
        }

        [UnityTest]
        public IEnumerator ObjectInTheUsersHandShowsNone()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Host.Select(Item.transform);
            Host.HoldMouse(true);
            yield return WaitFor(() => Position.Equals(Origin));
            SendPreview(MakePreview(Uuid, MakeTransform(3, 4, 5)));
            yield return Settle();
            Assert.That(Position, Is.EqualTo(Origin));
            Host.Select();
            yield return ShowIt();
            Host.HoldMouse(false);
        }

        [UnityTest]
        public IEnumerator ObjectWithAnUnansweredChangeShowsNone()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Undo.RecordObject(Item, "Rename");
            Item.name = "Mine";
            yield return Expect("intent");
            Frame intent = Received;
            Assert.That(GetComponents(GetChanges(intent)[0]).Find("transform"), Is.Null);
            yield return WaitFor(() => Position.Equals(Origin));
            SendPreview(MakePreview(Uuid, MakeTransform(3, 4, 5)));
            yield return Settle();
            Assert.That(Position, Is.EqualTo(Origin));
            Daemon.Accept(intent, 2);
            yield return ShowIt();
        }

        [UnityTest]
        public IEnumerator EditBesideAPreviewIsTheUsersAlone()
        {
            yield return ConnectWithItem();
            yield return ShowIt();
            Item.transform.localPosition = new Vector3(Shown.x, 8, Shown.z);
            yield return Expect("intent");
            TransformComponent sent = TransformComponent.Read(
                GetComponents(GetChanges(Received)[0]).Required("transform", ""), "");
            Assert.That(sent.Translation, Is.EqualTo(new double[] { 0, 8, 0 }));
            yield return WaitFor(() => Position.Equals(new Vector3(0, 8, 0)));
        }

        [UnityTest]
        public IEnumerator DeletedObjectComesBackWithoutIt()
        {
            yield return ConnectWithItem();
            string uuid = Uuid;
            yield return ShowIt();
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(Item);
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            Clock += 2;
            yield return Settle();
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(JsonWriter.Write(Received.Header), Does.Contain("\"translation\":[0,0,0]"));
            yield return WaitFor(() => FindObject(uuid).transform.localPosition.Equals(Origin));
        }

        [UnityTest]
        public IEnumerator PrefabInstanceGetsNoOverride()
        {
            yield return ConnectWithItem();
            Host.MakePrefabInstance(Item);
            yield return AcceptPrefabs(1);
            yield return Settle();
            yield return ShowIt();
            Assert.That(Host.HasRecordedOverrides(Item.transform), Is.False);
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(Uuid)));
            yield return WaitFor(() => Position.Equals(Origin));
            Assert.That(Host.HasRecordedOverrides(Item.transform), Is.False);
            yield return ExpectNone("intent");
        }
    }
}
