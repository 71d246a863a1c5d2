using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that each edit of the user reaches the daemon once, as the smallest change.</summary>
    public sealed class CaptureTests : BridgeHarness
    {
        [Test]
        public void CubeIsOneIntentWithTheMeshFirst()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
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

        [Test]
        public void ObjectThatLostItsIdentityGetsItBack()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            VibeSyncIdentity identity = item.GetComponent<VibeSyncIdentity>();
            string uuid = identity.Uuid;
            UnityEngine.Object.DestroyImmediate(identity);
            UnityFakes.Editor.Publish(ObjectChangeKind.ChangeGameObjectStructure, item);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That((GetUuid(item), GetVersion(item)), Is.EqualTo((uuid, 1L)));
        }

        [Test]
        public void MeshThatAComponentGeneratesIsNotSent()
        {
            Connect();
            GameObject text = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh shown = new Mesh { name = "Text", hideFlags = HideFlags.DontSave };
            text.GetComponent<MeshFilter>().sharedMesh = shown;
            Undo.RegisterCreatedObjectUndo(text, "Create");
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.Count, Is.EqualTo(1), "the object alone");
            Assert.That(GetComponents(changes[0]).Required("data", "").Required("uuid", "").IsNull);
        }

        [Test]
        public void WantedMeshIsSentAgainWhole()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Frame first = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(first, 1);
            string uuid = GetChanges(first)[0].RequiredString("uuid", "");
            Daemon.ExpectNone("intent", RunFrame);
            Daemon.Send(Messages.Create("want").With("uuids", JsonValue.Array(uuid, GetUuid(cube) + "0")));
            Frame again = Daemon.Expect("intent", RunFrame);
            JsonValue change = GetChanges(again)[0];
            Assert.That(GetChanges(again).Count, Is.EqualTo(1));
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(uuid));
            Assert.That(again.Attachments, Is.EqualTo(first.Attachments));
            JsonValue sent = GetComponents(GetChanges(first)[0]);
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo(JsonWriter.Write(sent)));
        }

        [Test]
        public void WantedMeshThatWasDeletedIsDeleted()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Frame first = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(first, 1);
            Daemon.ExpectNone("intent", RunFrame);
            string uuid = GetUuid(cube);
            Undo.DestroyObjectImmediate(cube);
            Daemon.Send(Messages.Create("want").With("uuids", JsonValue.Array(uuid)));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
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

        [Test]
        public void MoveIsAnUpdateOfTheTransformOnly()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Undo.RecordObject(item.transform, "Move");
            item.transform.localPosition = new Vector3(1, 2, 3);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("update"));
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "transform" }));
            string text = JsonWriter.Write(GetComponents(change).Required("transform", "").Required("translation", ""));
            Assert.That(text, Is.EqualTo("[-1,2,3]"));
        }

        [Test]
        public void RenameVisibilityAndParentAreCaptured()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = CreateAccepted("C", 2);
            Undo.RecordObject(child, "Edit");
            child.name = "Renamed";
            child.SetActive(false);
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            JsonValue components = GetComponents(GetChanges(Daemon.Expect("intent", RunFrame))[0]);
            Assert.That(components.RequiredString("name", ""), Is.EqualTo("Renamed"));
            Assert.That(components.Required("visibility", "").Required("visible", "").AsBool(""), Is.False);
            Assert.That(components.Required("parent", "").RequiredString("uuid", ""), Is.EqualTo(GetUuid(parent)));
        }

        [Test]
        public void DeleteOfAParentDeletesItsChildren()
        {
            Connect();
            GameObject parent = CreateAccepted("P", 1);
            GameObject child = CreateAccepted("C", 2);
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 3);
            string[] uuids = { GetUuid(child), GetUuid(parent) };
            Undo.DestroyObjectImmediate(parent);
            List<JsonValue> changes = GetChanges(Daemon.Expect("intent", RunFrame));
            Assert.That(changes.ConvertAll(change => change.RequiredString("uuid", "")), Is.EquivalentTo(uuids));
            Assert.That(changes.TrueForAll(change => change.RequiredString("op", "") == "delete"));
        }

        [Test]
        public void EditWithoutAnEventIsFoundBySweep()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            item.transform.localPosition = new Vector3(4, 0, 0);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(GetUuid(item)));
        }

        [Test]
        public void ObjectMadeAndRemovedByAScriptIsNoticed()
        {
            Connect();
            GameObject item = new GameObject("Scripted");
            Frame created = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(created)[0].RequiredString("op", ""), Is.EqualTo("create"));
            Daemon.Accept(created, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            UnityEngine.Object.DestroyImmediate(item);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("delete"));
        }

        [Test]
        public void OrderOfObjectsIsNoChange()
        {
            Connect();
            GameObject one = CreateAccepted("Same", 1);
            GameObject other = CreateAccepted("Same", 2);
            string[] uuids = { GetUuid(one), GetUuid(other) };
            UnityFakes.Editor.ReverseOrder();
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(new[] { GetUuid(one), GetUuid(other) }, Is.EqualTo(uuids));
            ExpectApplied(Daemon.Apply(3, "Rename", null, MakeChange("update", uuids[1], null, MakeName("Other"))));
            Assert.That(one.name + " " + other.name, Is.EqualTo("Same Other"));
        }

        [Test]
        public void MeshEditIsAnUpdateOfTheMesh()
        {
            Connect();
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh own = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(cube.GetComponent<MeshFilter>().sharedMesh, own);
            cube.GetComponent<MeshFilter>().sharedMesh = own;
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Frame created = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(created, 1);
            Undo.RecordObject(own, "Edit");
            Vector3[] vertices = own.vertices;
            vertices[0] = new Vector3(9, 9, 9);
            own.vertices = vertices;
            Frame edited = Daemon.Expect("intent", RunFrame);
            Assert.That(GetChanges(edited)[0].RequiredString("uuid", ""),
                Is.EqualTo(GetChanges(created)[0].RequiredString("uuid", "")));
            Assert.That(GetComponents(GetChanges(edited)[0]).AsObject("").Keys, Is.EquivalentTo(new[] { "mesh" }));
            float[] positions = VibeSync.Core.Scene.LittleEndian.ToFloats(edited.Attachments[0]);
            Assert.That(positions, Has.Member(-9f).And.Member(9f));
        }

        [Test]
        public void CopyGetsANewIdentityAndTheOriginalKeepsIts()
        {
            Connect();
            GameObject original = CreateAccepted("A", 1);
            string uuid = GetUuid(original);
            GameObject copy = new GameObject("A (1)");
            copy.AddComponent<VibeSyncIdentity>().Uuid = uuid;
            copy.transform.SetParent(null);
            Undo.RegisterCreatedObjectUndo(copy, "Duplicate");
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(GetUuid(original), Is.EqualTo(uuid));
            Assert.That(GetUuid(copy), Is.Not.EqualTo(uuid).And.EqualTo(change.RequiredString("uuid", "")));
        }

        [Test]
        public void UserUndoIsSentAsChange()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(item.transform, "Move");
            item.transform.localPosition = new Vector3(5, 0, 0);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            Undo.PerformUndo();
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            string text = JsonWriter.Write(GetComponents(change).Required("transform", "").Required("translation", ""));
            Assert.That(text, Is.EqualTo("[0,0,0]"));
        }

        [Test]
        public void UserRedoIsSentAsChange()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            Undo.PerformUndo();
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 3);
            Undo.PerformRedo();
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("B"));
        }
    }
}
