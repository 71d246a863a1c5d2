using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>What a game does is not the user's: it is neither sent nor kept, and nothing is lost over it.</summary>
    public sealed class PlayTests : BridgeFixture
    {
        [Test]
        public void NothingThatTheGameDoesIsSent([Values] bool reloads)
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, reloads);
            Find(uuid).transform.localPosition = new Vector3(7, 0, 0);
            new GameObject("Bullet");
            Daemon.ExpectNone("intent", Frame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(Frame);
            Daemon.ExpectNone("intent", Frame);
            Assert.That(Find(uuid).transform.localPosition.x, Is.EqualTo(0f));
        }

        [Test]
        public void ABatchWaitsUntilPlayModeIsLeft()
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, false);
            JsonValue rename = Change("update", uuid, null, NameIs("Renamed"));
            Daemon.Apply(2, "Rename", null, rename);
            Assert.That(Daemon.Expect("deferred", Frame).Header.RequiredString("state", ""), Is.EqualTo("playing"));
            Daemon.ExpectNone("applied", Frame);
            Assert.That(Find(uuid).name, Is.EqualTo("A"));
            UnityFakes.Editor.SetPlaying(false);
            Frame inventory = Daemon.Sync(Frame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "an older version than the daemon's, which so sends the change again");
            Applied(Daemon.Apply(2, "Rename", null, rename));
            Assert.That(Find(uuid).name, Is.EqualTo("Renamed"));
        }

        [Test]
        public void WhatTheUserDidJustBeforePlayIsKeptAndSent()
        {
            Connect();
            string uuid = UuidOf(CreateAccepted("A", 1));
            Undo.RecordObject(Find(uuid), "Rename");
            Find(uuid).name = "Mine";
            UnityFakes.Editor.SetPlaying(true);
            Daemon.ExpectNone("inventory", Frame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(Frame);
            JsonValue change = Changes(Daemon.Expect("intent", Frame))[0];
            Assert.That(Components(change).RequiredString("name", ""), Is.EqualTo("Mine"));
        }

        [Test]
        public void AMeshThatTheGameBentIsBroughtBack()
        {
            Connect();
            GameObject item = GameObject.CreatePrimitive(PrimitiveType.Cube);
            Mesh mesh = new Mesh { name = "Own" };
            EditorUtility.CopySerialized(item.GetComponent<MeshFilter>().sharedMesh, mesh);
            AssetDatabase.CreateAsset(mesh, "Assets/Own.asset");
            item.GetComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Daemon.Accept(Daemon.Expect("intent", Frame), 1);
            string uuid = UuidOf(item);
            WaitFor(() => Bridge.Status.Pending == 0);
            Vector3[] before = mesh.vertices;
            UnityFakes.Editor.SetPlaying(true);
            Vector3[] bent = mesh.vertices;
            bent[3] = new Vector3(8, 8, 8);
            mesh.vertices = bent;
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(Frame);
            Daemon.ExpectNone("intent", Frame);
            Assert.That(Corners(Find(uuid).GetComponent<MeshFilter>().sharedMesh), Is.EqualTo(Corners(before, mesh)));
            Assert.That(Engine.Log.Exists(entry => entry.Contains("play mode left different: 1 entity")));
            Assert.That(Directory.GetFiles(Path.Combine(Engine.ProjectFolder, "Library", "VibeSync")), Is.Empty);
        }

        static List<Vector3> Corners(Mesh mesh) => Corners(mesh.vertices, mesh);

        /// <summary>Where the corners are, whichever vertices they share.</summary>
        static List<Vector3> Corners(Vector3[] vertices, Mesh mesh)
        {
            return new List<int>(mesh.GetTriangles(0)).ConvertAll(vertex => vertices[vertex]);
        }
    }
}
