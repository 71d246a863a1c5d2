using System.Collections.Generic;
using System.IO;
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
    /// <summary>
    /// Tests that a failed batch leaves the scene exactly as it was. Only on the fakes, because two saves of one scene
    /// by Unity may differ in the order and the numbers of its objects.
    /// </summary>
    public sealed class RevertedSceneTests : BridgeHarness
    {
        const string NewObject = "01920000-0000-7000-8000-00000000000a";
        const string NewMesh = "01920000-0000-7000-8000-00000000000c";

        static JsonValue MakeParent(string uuid) =>
            JsonValue.Object().With("parent", JsonValue.Object().With("uuid", uuid));

        /// <summary>Returns a change that Unity cannot apply: an object as its own parent.</summary>
        static JsonValue MakeCycle(string uuid) => MakeChange("update", uuid, null, MakeParent(uuid));

        /// <summary>Returns the bytes of the saved scene.</summary>
        byte[] SaveScene()
        {
            string path = Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(path);
            return File.ReadAllBytes(path);
        }

        [Test]
        public void FailedBatchLeavesTheSceneByteIdentical()
        {
            Connect();
            GameObject parent = CreateAccepted("Parent", 1);
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(cube.GetComponent<MeshFilter>().sharedMesh, mesh);
            mesh.RecalculateTangents();
            cube.GetComponent<MeshFilter>().sharedMesh = mesh;
            cube.transform.SetParent(parent.transform, false);
            Undo.RegisterCreatedObjectUndo(cube, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            GameObject doomed = CreateAccepted("Doomed", 3);
            doomed.AddComponent<Light>();
            Frame lit = Daemon.Expect("intent", RunFrame);
            string light = GetChanges(lit)[0].RequiredString("uuid", "");
            Daemon.Accept(lit, 4);
            WaitFor(() => Bridge.Status.Pending == 0);
            Daemon.ExpectNone("intent", RunFrame);
            int steps = UnityFakes.Editor.UndoGroups;
            string meshUuid = new MeshRecords().FindUuid(mesh);
            byte[] before = SaveScene();

            List<byte[]> attachments = new List<byte[]>();
            List<JsonValue> results = ExpectApplied(Daemon.Apply(4, "Much", attachments,
                MakeChange("create", NewMesh, "mesh", MakeMesh("New", MakeTriangle(0), attachments)),
                MakeChange("create", NewObject, "object", MakeObject("New", null, NewMesh, MakeTransform(1, 2, 3))),
                MakeChange("update", meshUuid, null, MakeMesh("Other", MakeTriangle(5), attachments)),
                MakeChange("update", GetUuid(cube), null, MakeObject("Moved", null, null, MakeTransform(4, 5, 6))),
                MakeCycle(GetUuid(parent)),
                MakeChange("update", light, null, MakeName("Lamp")),
                MakeChange("update", GetUuid(parent), null,
                    JsonValue.Object().With("data", JsonValue.Object().With("uuid", light))),
                MakeChange("delete", GetUuid(doomed)), MakeChange("delete", light)));

            Assert.That(SaveScene(), Is.EqualTo(before));
            Assert.That(UnityFakes.Editor.HasTangents(mesh) && doomed.GetComponent<Light>() != null);
            Assert.That(parent.GetComponent<Light>() == null);
            Assert.That(AssetDatabase.LoadAssetAtPath<Mesh>("Assets/VibeSync/" + NewMesh + ".asset") == null);
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(steps), "nothing for the user to undo");
            string[] codes = { "VS-4005", "VS-4005", "VS-4005", "VS-4005", "VS-3008", "VS-4005", "VS-4005", "VS-4005", "VS-4005" };
            Assert.That(results.ConvertAll(GetErrorCode), Is.EqualTo(codes));
            Assert.That(results[0].Required("error", "").RequiredString("message", ""), Does.Contain("changes[4]"));
            Assert.That(results[1].Required("state", "").IsNull && results[0].Required("state", "").IsNull);
            JsonValue readBack = GetComponents(results[3].Required("state", ""));
            Assert.That(readBack.RequiredString("name", ""), Is.EqualTo("Cube"), "the editor's value");
            Daemon.ExpectNone("intent", RunFrame);
        }
    }
}
