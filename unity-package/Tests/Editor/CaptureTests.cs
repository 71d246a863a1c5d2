using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that each edit of the user reaches the daemon once, as the smallest change.</summary>
    public sealed class CaptureTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator CubeIsOneIntentWithTheMeshFirst()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Frame intent = Received;
            List<JsonValue> changes = GetChanges(intent);
            Assert.That(changes.Count, Is.EqualTo(2));
            Assert.That(changes[0].RequiredString("kind", ""), Is.EqualTo("mesh"));
            JsonValue mesh = GetComponents(changes[0]).Required("mesh", "");
            Assert.That(mesh.RequiredInteger("vertex_count", ""), Is.EqualTo(8), "vertices at one position are merged");
            Assert.That(mesh.RequiredInteger("corner_count", ""), Is.EqualTo(36));
            Assert.That(intent.Attachments[0].Length, Is.EqualTo(8 * 12));
            JsonValue data = GetComponents(changes[1]).Required("data", "");
            Assert.That(data.RequiredString("uuid", ""), Is.EqualTo(changes[0].RequiredString("uuid", "")));
        }

        [UnityTest]
        public IEnumerator ObjectThatLostItsIdentityGetsItBack()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            VibeSyncIdentity identity = item.GetComponent<VibeSyncIdentity>();
            string uuid = identity.Uuid;
            Undo.DestroyObjectImmediate(identity);
            yield return ExpectNone("intent");
            Assert.That((GetUuid(item), GetVersion(item)), Is.EqualTo((uuid, 1L)));
        }

        [UnityTest]
        public IEnumerator MeshThatAComponentGeneratesIsNotSent()
        {
            yield return Connect();
            GameObject text = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh shown = new Mesh { name = "Text", hideFlags = HideFlags.DontSave };
            text.GetComponent<MeshFilter>().sharedMesh = shown;
            Undo.RegisterCreatedObjectUndo(text, "Create");
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.Count, Is.EqualTo(1), "the object alone");
            Assert.That(GetComponents(changes[0]).Required("data", "").Required("uuid", "").IsNull);
        }

        [UnityTest]
        public IEnumerator WantedMeshIsSentAgainWhole()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Frame first = Received;
            Daemon.Accept(first, 1);
            string uuid = GetChanges(first)[0].RequiredString("uuid", "");
            yield return ExpectNone("intent");
            Daemon.Send(Messages.Create("want").With("uuids", JsonValue.Array(uuid, GetUuid(cube) + "0")));
            yield return Expect("intent");
            Frame again = Received;
            JsonValue change = GetChanges(again)[0];
            Assert.That(GetChanges(again).Count, Is.EqualTo(1));
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(again.Attachments, Is.EqualTo(first.Attachments));
            JsonValue sent = GetComponents(GetChanges(first)[0]);
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo(JsonWriter.Write(sent)));
        }

        [UnityTest]
        public IEnumerator WantedMeshThatWasDeletedIsDeleted()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Frame first = Received;
            Daemon.Accept(first, 1);
            yield return ExpectNone("intent");
            string uuid = GetUuid(cube);
            Undo.DestroyObjectImmediate(cube);
            Daemon.Send(Messages.Create("want").With("uuids", JsonValue.Array(uuid)));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("delete"));
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(uuid));
        }

        [Test]
        public void MissingUvSetBelowAnotherIsZeros()
        {
            Vector3[] vertices = { new Vector3(0, 0, 0), new Vector3(1, 0, 0), new Vector3(0, 1, 0) };
            Mesh mesh = new Mesh { vertices = vertices };
            mesh.SetTriangles(new[] { 0, 1, 2 }, 0);
            mesh.SetUVs(2, new List<Vector2> { new Vector2(1, 1), new Vector2(1, 1), new Vector2(1, 1) });
            MeshComponent read = MeshArrays.ReadFrom(mesh).ToCanonical();
            Assert.That(read.Uv[1], Is.EqualTo(new float[6]));
            Assert.That(read.Uv[2], Is.All.EqualTo(1));
            Assert.That(read.Uv[3], Is.Null);
        }

        [UnityTest]
        public IEnumerator MoveIsAnUpdateOfTheTransformOnly()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Undo.RecordObject(item.transform, "Move");
            item.transform.localPosition = new Vector3(1, 2, 3);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "transform" }));
            string text = JsonWriter.Write(GetComponents(change).Required("transform", "").Required("translation", ""));
            Assert.That(text, Is.EqualTo("[-1,2,3]"));
        }

        [UnityTest]
        public IEnumerator RenameVisibilityAndParentAreCaptured()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            yield return CreateAccepted("C", 2);
            GameObject child = Created;
            Undo.RecordObject(child, "Edit");
            child.name = "Renamed";
            child.SetActive(false);
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            yield return Expect("intent");
            JsonValue components = GetComponents(GetChanges(Received)[0]);
            Assert.That(components.RequiredString("name", ""), Is.EqualTo("Renamed"));
            Assert.That(components.Required("visibility", "").Required("visible", "").AsBool(""), Is.False);
            Assert.That(components.Required("parent", "").RequiredString("uuid", ""), Is.EqualTo(GetUuid(parent)));
        }

        [UnityTest]
        public IEnumerator DeleteOfAParentDeletesItsChildren()
        {
            yield return Connect();
            yield return CreateAccepted("P", 1);
            GameObject parent = Created;
            yield return CreateAccepted("C", 2);
            GameObject child = Created;
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            string[] uuids = { GetUuid(child), GetUuid(parent) };
            Undo.DestroyObjectImmediate(parent);
            yield return Expect("intent");
            List<JsonValue> changes = GetChanges(Received);
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EquivalentTo(uuids));
            Assert.That(changes.TrueForAll(change => change.RequiredString("op", "") == "delete"));
        }

        [UnityTest]
        public IEnumerator EditWithoutAnEventIsFoundBySweep()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            item.transform.localPosition = new Vector3(4, 0, 0);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(GetUuid(item)));
        }

        [UnityTest]
        public IEnumerator ObjectMadeAndRemovedByAScriptIsNoticed()
        {
            yield return Connect();
            GameObject item = new GameObject("Scripted");
            yield return Expect("intent");
            Frame created = Received;
            Assert.That(GetChanges(created)[0].RequiredString("op", ""), Is.EqualTo("create"));
            Daemon.Accept(created, 1);
            yield return WaitFor(() => Bridge.Status.Pending == 0);
            UnityEngine.Object.DestroyImmediate(item);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("delete"));
        }

        [UnityTest]
        public IEnumerator OrderOfObjectsIsNoChange()
        {
            yield return Connect();
            yield return CreateAccepted("Same", 1);
            GameObject one = Created;
            yield return CreateAccepted("Same", 2);
            GameObject other = Created;
            string[] uuids = { GetUuid(one), GetUuid(other) };
            Host.ReverseOrder(one, other);
            yield return ExpectNone("intent");
            Assert.That(new[] { GetUuid(one), GetUuid(other) }, Is.EqualTo(uuids));
            yield return ExpectApplied(Daemon.Apply(3, "Rename", null, MakeChange("update", uuids[1], null,
                MakeName("Other"))));
            Assert.That(one.name + " " + other.name, Is.EqualTo("Same Other"));
        }

        [UnityTest]
        public IEnumerator MeshEditIsAnUpdateOfTheMesh()
        {
            yield return Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh own = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(cube.GetComponent<MeshFilter>().sharedMesh, own);
            cube.GetComponent<MeshFilter>().sharedMesh = own;
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            yield return Expect("intent");
            Frame created = Received;
            Daemon.Accept(created, 1);
            Undo.RecordObject(own, "Edit");
            Vector3[] vertices = own.vertices;
            vertices[0] = new Vector3(9, 9, 9);
            own.vertices = vertices;
            yield return Expect("intent");
            Frame edited = Received;
            Assert.That(GetChanges(edited)[0].RequiredString("uuid", ""),
                Is.EqualTo(GetChanges(created)[0].RequiredString("uuid", "")));
            Assert.That(GetComponents(GetChanges(edited)[0]).AsObject("").Keys, Is.EquivalentTo(new[] { "mesh" }));
            float[] positions = VibeSync.Core.Scene.LittleEndian.ToFloats(edited.Attachments[0]);
            Assert.That(positions, Has.Member(-9f).And.Member(9f));
        }

        [UnityTest]
        public IEnumerator CopyGetsANewIdentityAndTheOriginalKeepsIts()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject original = Created;
            string uuid = GetUuid(original);
            GameObject copy = new GameObject("A (1)");
            copy.AddComponent<VibeSyncIdentity>().Uuid = uuid;
            copy.transform.SetParent(null);
            Undo.RegisterCreatedObjectUndo(copy, "Duplicate");
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(GetUuid(original), Is.EqualTo(uuid));
            Assert.That(GetUuid(copy), Is.Not.EqualTo(uuid).And.EqualTo(change.RequiredString("uuid", "")));
        }

        [UnityTest]
        public IEnumerator UserUndoIsSentAsChange()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(item.transform, "Move");
            item.transform.localPosition = new Vector3(5, 0, 0);
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            Undo.PerformUndo();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            string text = JsonWriter.Write(GetComponents(change).Required("transform", "").Required("translation", ""));
            Assert.That(text, Is.EqualTo("[0,0,0]"));
        }

        [UnityTest]
        public IEnumerator UserRedoIsSentAsChange()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            Undo.PerformUndo();
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            Undo.PerformRedo();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("B"));
        }
    }
}
