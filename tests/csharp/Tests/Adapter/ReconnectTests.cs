using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Nothing is lost or doubled when connections, domains and daemons come and go.</summary>
    public sealed class ReconnectTests : BridgeHarness
    {
        [Test]
        public void AnUnansweredIntentIsSentAgainByteForByte()
        {
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Frame first = Daemon.Expect("intent", RunFrame);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            Frame second = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(second.Header), Is.EqualTo(JsonWriter.Write(first.Header)));
            Daemon.Accept(second, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void WhatChangedWhileApartIsSentAfterSync()
        {
            Connect();
            GameObject kept = CreateAccepted("Kept", 1);
            GameObject lost = CreateAccepted("Lost", 2);
            string lostUuid = GetUuid(lost);
            Daemon.Drop();
            WaitFor(() => Bridge.Status.State != "connected");
            kept.transform.localPosition = new Vector3(0, 8, 0);
            Undo.DestroyObjectImmediate(lost);
            Frame inventory = Daemon.Sync(RunFrame);
            string held = JsonWriter.Write(inventory.Header);
            Assert.That(held, Does.Contain(lostUuid), "listed, so that it is not sent back before its delete is known");
            string changes = JsonWriter.Write(Daemon.Expect("intent", RunFrame).Header.Required("changes", ""));
            Assert.That(changes, Does.Contain("\"op\":\"delete\",\"uuid\":\"" + lostUuid));
            Assert.That(changes, Does.Contain("[0,8,0]"));
        }

        [Test]
        public void ADomainReloadKeepsInstanceOutboxAndDeletes()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            Undo.RegisterCreatedObjectUndo(new GameObject("Unanswered"), "Create");
            Frame unanswered = Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.ReloadDomain(() =>
            {
                Assert.That(Bridge.IsRunning, Is.False);
                Frame said = Daemon.Expect("editor_state", () => { });
                Assert.That(said.Header.RequiredString("state", ""), Is.EqualTo("reloading"));
                UnityEngine.Object.DestroyImmediate(gone);
            });
            Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.EqualTo(instance));
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(again.Header.RequiredString("operation_id", ""),
                Is.EqualTo(unanswered.Header.RequiredString("operation_id", "")));
            Frame deleted = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(deleted.Header), Does.Contain("\"op\":\"delete\",\"uuid\":\"" + uuid));
        }

        [Test]
        public void ADeletionThatIsNotAnsweredIsStillListedAfterADomainReload()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            Undo.DestroyObjectImmediate(gone);
            Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.ReloadDomain();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "or the daemon would bring it back");
        }

        [Test]
        public void WhatIsDeletedCountsAsKnownUpToTheChangesThatWereAnsweredSince()
        {
            Connect();
            GameObject gone = CreateAccepted("Gone", 1);
            string uuid = GetUuid(gone);
            Undo.RecordObject(gone, "Rename");
            gone.name = "Renamed";
            Frame rename = Daemon.Expect("intent", RunFrame);
            Undo.DestroyObjectImmediate(gone);
            Daemon.Expect("intent", RunFrame);
            Daemon.Accept(rename, 5);
            WaitFor(() => Bridge.Status.HeadSeq == 5);
            Daemon.Drop();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":5}"));
        }

        [Test]
        public void WhatRefersToSomethingUnknownIsSentAgainWithIt()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = new GameObject("C");
            child.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(child, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Refuse(intent, "VS-3001", "changes[0].components.parent.uuid");
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("op", "")),
                Is.EqualTo(new[] { "create", "create" }));
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { GetUuid(parent), GetUuid(child) }));
        }

        [Test]
        public void HowNewTheSceneIsStaysWithTheScene()
        {
            Connect();
            GameObject item = CreateAccepted("A", 7);
            string uuid = GetUuid(item);
            string file = System.IO.Path.Combine(Daemon.Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.Quit();
            SessionState.EraseString("VibeSync.Shadow");
            UnityFakes.Editor.OpenScene(file);
            UnityFakes.Editor.Start();
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "B";
            Daemon.HeadSeq = 9;
            Daemon.Sync(RunFrame, null, 1);
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(7));
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(intent.Header.RequiredInteger("base_seq", ""), Is.EqualTo(7),
                "what the daemon owes is not here yet, and what came before is");
        }

        [Test]
        public void AnEditInTheLastMomentBeforeADomainReloadIsNotLost()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            UnityFakes.Editor.ReloadDomain();
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }

        [Test]
        public void AnEditMadeBeforeARestartIsFoundByItsDigest()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Bridge.Stop();
            SessionState.EraseString("VibeSync.Outbox");
            SessionState.EraseString("VibeSync.Shadow");
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Bridge.Start();
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }

        [Test]
        public void ASceneThatANewerPackageWroteIsLeftAlone()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            MeshRecords.GetSceneRecord(false).Format = VibeSyncScene.KnownFormat + 1;
            int before = Daemon.Connections;
            Daemon.Drop();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-5008");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            Assert.That(Bridge.Status.LastError.ToString(), Does.Contain("format 2; this one reads up to 1"));
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            MeshRecords.GetSceneRecord(false).Format = VibeSyncScene.KnownFormat;
            Daemon.Sync(RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
        }

        [Test]
        public void ADaemonWithTheWrongTokenIsRefused()
        {
            Daemon.WrongProof = true;
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-2002");
            Assert.That(Bridge.Status.State, Is.EqualTo("error"));
            Daemon.ExpectNone("inventory", RunFrame);
        }

        [Test]
        public void AnOversizedFrameEndsTheConnectionAndTheNextOneWorks()
        {
            Connect();
            Daemon.SendBytes(new byte[] { 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 2 });
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-1002");
            Connect();
            Assert.That(Daemon.Connections, Is.EqualTo(2));
        }

        [Test]
        public void PingsAreAnsweredAndSent()
        {
            Daemon.HeartbeatMilliseconds = 50;
            Connect();
            Daemon.Send(Messages.Create("ping").With("nonce", 41).With("head_seq", 0));
            Assert.That(Daemon.Expect("pong", RunFrame).Header.RequiredInteger("nonce", ""), Is.EqualTo(41));
            Assert.That(Daemon.Expect("ping", RunFrame).Header.RequiredString("editor_state", ""), Is.EqualTo("ready"));
        }

        [Test]
        public void ASilentDaemonIsGivenUp()
        {
            Daemon.HeartbeatMilliseconds = 20;
            Connect();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-2007");
        }

        [Test]
        public void AnUnknownMessageIsReportedAndTheSessionGoesOn()
        {
            Connect();
            Daemon.Send(Messages.Create("from_the_future"));
            WaitFor(() => Engine.Log.Exists(entry => entry.Contains("VS-1005")));
            CreateAccepted("A", 1);
        }

        [Test]
        public void ABuriedUuidIsReplaced()
        {
            Connect();
            GameObject item = new GameObject("A");
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            string uuid = GetUuid(item);
            Daemon.Refuse(intent, "VS-3006", "changes[0].uuid");
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(change.RequiredString("uuid", ""), Is.Not.EqualTo(uuid).And.EqualTo(GetUuid(item)));
        }

        [Test]
        public void OneRefusedChangeDoesNotHoldTheOthersBack()
        {
            Connect();
            Undo.RegisterCreatedObjectUndo(new GameObject("A"), "Create");
            Undo.RegisterCreatedObjectUndo(new GameObject("B"), "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            string good = GetChanges(intent)[0].RequiredString("uuid", "");
            Daemon.Refuse(intent, "VS-3003", "changes[1].components.transform");
            Frame again = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(again).ConvertAll(change => change.RequiredString("uuid", "")),
                Is.EqualTo(new[] { good }));
            Daemon.Accept(again, 1);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void WhatWasRefusedIsClaimedAtNoVersionUntilItComesAsItShouldBe()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Refuse(Daemon.Expect("intent", RunFrame), "VS-3011", "");
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-3011");
            Daemon.Drop();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
        }

        [Test]
        public void WhatTheDaemonWillSendLaterIsClaimedAtNoVersionUntilItCame()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 5, (JsonValue)uuid);
            ExpectApplied(Daemon.Apply(3, "Older", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("visibility", JsonValue.Object().With("visible", false)))));
            Daemon.Drop();
            string claimed = "{\"uuid\":\"" + uuid + "\",\"version\":";
            Assert.That(JsonWriter.Write(Daemon.Sync(RunFrame).Header), Does.Contain(claimed + "0}"), "a part that is older");
            ExpectApplied(Daemon.Apply(6, "What came of it", null, MakeChange("update", uuid, null,
                JsonValue.Object().With("name", "B"))));
            Daemon.Drop();
            Assert.That(JsonWriter.Write(Daemon.Sync(RunFrame).Header), Does.Contain(claimed + "6}"));
        }

        [Test]
        public void WhatWasDeletedWhileApartIsDeletedHereAndItsUndoRevivesIt()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Daemon.Drop();
            Daemon.Sync(RunFrame);
            ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", uuid)));
            Assert.That(item == null, "destroyed");
            Daemon.ExpectNone("intent", RunFrame);
            Undo.PerformUndo();
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(revived)[0].RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(GetChanges(revived)[0].RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2),
                "after the deletion, so that it counts");
        }

        [Test]
        public void ADeletionUndoneBeforeItsAnswerIsRevivedAfterIt()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            Frame deletion = Daemon.Expect("intent", RunFrame);
            Undo.PerformUndo();
            Daemon.ExpectNone("intent", RunFrame);
            Daemon.Accept(deletion, 2);
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2), "or it would be refused");
            UnityFakes.Editor.ReloadDomain();
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":2}"),
                "as new as its deletion, or that would be sent again");
        }

        [Test]
        public void WhatABatchBringsAgainWhileItsDeletionIsUnansweredGoesWithWhatComesOfThat()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            JsonValue again = MakeChange("create", uuid, "object", MakeObject("A", null, null, MakeTransform(0, 0, 0)));
            Undo.DestroyObjectImmediate(item);
            Frame deletion = Daemon.Expect("intent", RunFrame);
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(2, "Older", null, again))[0]), Is.Empty);
            Daemon.Accept(deletion, 3, uuid);
            WaitFor(() => Bridge.Status.Pending == 0);
            ExpectApplied(Daemon.Apply(3, "What came of it", null, MakeChange("delete", uuid)));
            Assert.That(FindObject(uuid) == null);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(GetErrorCode(ExpectApplied(Daemon.Apply(4, "Brought back", null, again))[0]), Is.Empty);
            FindObject(uuid).name = "Edited";
            JsonValue told = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(told)), Is.EqualTo("{\"name\":\"Edited\"}"));
        }

        [Test]
        public void UndoingAnOwnDeletionRevivesTheSameEntity()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.IncrementCurrentGroup();
            Undo.DestroyObjectImmediate(item);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            Undo.PerformUndo();
            Frame revived = Daemon.Expect("intent", RunFrame);
            Assert.That(JsonWriter.Write(revived.Header), Does.Contain("\"op\":\"create\",\"uuid\":\"" + uuid));
            Assert.That(revived.Header.RequiredInteger("base_seq", ""), Is.EqualTo(2));
        }

        [Test]
        public void AnEntityCoveredByABatchBeforeItsAnswerClaimsNoVersion([Values] bool reloads)
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            string uuid = GetUuid(item);
            Undo.RecordObject(item, "Rename");
            item.name = "Mine";
            Frame mine = Daemon.Expect("intent", RunFrame);
            ExpectApplied(Daemon.Apply(2, "Theirs", null, MakeChange("update", uuid, null, JsonValue.Object()
                .With("name", "Theirs"))));
            if (reloads) { UnityFakes.Editor.ReloadDomain(); }
            else { Daemon.Drop(); }
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("{\"uuid\":\"" + uuid + "\",\"version\":0}"));
            Daemon.Accept(mine, 3, uuid);
            ExpectApplied(Daemon.Apply(3, "Result", null, MakeChange("update", uuid, null, JsonValue.Object()
                .With("name", "Mine"))));
            Assert.That(item.name, Is.EqualTo("Mine"));
            Assert.That(item.GetComponent<VibeSyncIdentity>().Version, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void WhatWasUnansweredOfAnotherSceneIsNotSaidAgain()
        {
            Connect();
            CreateAccepted("A", 1);
            string file = System.IO.Path.Combine(Daemon.Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(file);
            Undo.RegisterCreatedObjectUndo(new GameObject("Not in the file"), "Create");
            Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.OpenScene(file);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void AnotherSceneIsNotAMassDeletion()
        {
            Connect();
            CreateAccepted("A", 1);
            UnityEditor.SceneManagement.EditorSceneManager.NewScene(
                UnityEditor.SceneManagement.NewSceneSetup.EmptyScene);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(inventory.Header.Required("entities", "").AsArray("").Count, Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void ASceneThatIsSavedAndOpenedAgainHoldsTheSameEntities()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.GetComponent<MeshFilter>().sharedMesh = new Mesh { name = "Own" };
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            string file = System.IO.Path.Combine(Daemon.Folder, "scene.unity");
            string instance = Daemon.Hello.RequiredString("instance_id", "");
            UnityFakes.Editor.SaveScene(file);
            UnityFakes.Editor.OpenScene(file);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(Daemon.Hello.RequiredString("instance_id", ""), Is.Not.EqualTo(instance),
                "a scene may be older than what was sent before");
            Assert.That(inventory.Header.Required("entities", "").AsArray("").ConvertAll(entity =>
                entity.RequiredInteger("version", "")), Is.EqualTo(new[] { 1, 1 }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void AFileLeftByACrashedDaemonIsPassedOver()
        {
            Bridge.Stop();
            Daemon.Announce("01920000-0000-7000-8000-0000000000ff", 1, "/nowhere");
            Bridge.Start();
            Connect();
        }
    }
}
