using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests which changes of a failed batch are made, and which are reverted.</summary>
    public sealed class RevertTests : SyncHarness
    {
        const string NewObject = "01920000-0000-7000-8000-00000000000a";
        const string Unknown = "01920000-0000-7000-8000-00000000000b";
        const string NewMesh = "01920000-0000-7000-8000-00000000000c";

        static JsonValue MakeParent(string uuid) =>
            JsonValue.Object().With("parent", JsonValue.Object().With("uuid", uuid));

        /// <summary>Returns a change that Unity cannot apply: an object as its own parent.</summary>
        static JsonValue MakeCycle(string uuid) => MakeChange("update", uuid, null, MakeParent(uuid));

        [UnityTest]
        public IEnumerator BatchAppliesAfterItsFailedChangeIsRemoved()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeChange("create", NewMesh, "mesh", MakeMesh("New", MakeTriangle(0), attachments));
            JsonValue item = MakeChange("create", NewObject, "object",
                MakeObject("New", uuid, NewMesh, MakeTransform(1, 2, 3)));
            yield return ExpectApplied(Daemon.Apply(2, "Create", attachments, mesh, item, MakeCycle(uuid)));
            Assert.That(FindObject(NewObject), Is.Null);
            yield return ExpectApplied(Daemon.Apply(3, "Create", attachments, mesh, item));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "", "" }));
            Assert.That(FindObject(NewObject).GetComponent<MeshFilter>().sharedMesh.vertexCount, Is.EqualTo(3));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ChangeOfADeletedObjectFailsAlone()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null,
                MakeChange("update", Unknown, null, MakeName("X")), MakeChange("update", uuid, null, MakeName("B"))));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-7005", "" }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("B"));
        }

        [UnityTest]
        public IEnumerator DeliveryAppliesEachChangeForItself([Values("sync", "restore", "rollback")] string reason)
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string uuid = GetUuid(Created);
            Daemon.Reason = reason;
            JsonValue create = MakeChange("create", NewObject, "object",
                MakeObject("New", null, null, MakeTransform(0, 0, 0)));
            yield return ExpectApplied(Daemon.Apply(2, "Sync", null, MakeCycle(uuid), create));
            List<JsonValue> results = Results;
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(new[] { "VS-3008", "" }));
            Assert.That(FindObject(NewObject).name, Is.EqualTo("New"));
        }

        [UnityTest]
        public IEnumerator UserStepInsideAFailedBatchIsKept()
        {
            VibeSync.Editor.Settings.TickMilliseconds = 0;
            Bridge.Resync();
            yield return Connect();
            JsonValue[] changes = Enumerable.Range(0, 1500).Select(i => MakeChange("create",
                "01920000-0000-7000-8001-" + i.ToString("x12"), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            string first = changes[0].RequiredString("uuid", "");
            string batch = Daemon.Apply(5, "Many", null, changes.Append(
                MakeChange("create", NewObject, "object", MakeObject("Bad", Unknown, null, MakeTransform(0, 0, 0))))
                .ToArray());
            yield return WaitFor(() => FindObject(first) != null);
            GameObject mine = new GameObject("Mine");
            Undo.IncrementCurrentGroup();
            Undo.RegisterCreatedObjectUndo(mine, "Create mine");
            Undo.IncrementCurrentGroup();
            yield return ExpectApplied(batch);
            List<JsonValue> results = Results;
            Assert.That(mine != null, "the user's own");
            int failed = results.Count(result => GetErrorCode(result).Length > 0);
            Assert.That(failed, Is.EqualTo(1), "all other changes are applied");
            Assert.That(FindObject(first) != null);
        }
    }
}
