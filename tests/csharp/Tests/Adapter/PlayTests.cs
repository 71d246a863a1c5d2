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
    public sealed class PlayTests : BridgeHarness
    {
        [Test]
        public void NothingThatTheGameDoesIsSent([Values] bool reloads)
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, reloads);
            FindObject(uuid).transform.localPosition = new Vector3(7, 0, 0);
            new GameObject("Bullet");
            Daemon.ExpectNone("intent", RunFrame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(FindObject(uuid).transform.localPosition.x, Is.EqualTo(0f));
        }

        [Test]
        public void ABatchWaitsUntilPlayModeIsLeft()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            UnityFakes.Editor.SetPlaying(true, false);
            JsonValue rename = MakeChange("update", uuid, null, MakeName("Renamed"));
            Daemon.Apply(2, "Rename", null, rename);
            Assert.That(Daemon.Expect("deferred", RunFrame).Header.RequiredString("state", ""), Is.EqualTo("playing"));
            Daemon.ExpectNone("applied", RunFrame);
            Assert.That(FindObject(uuid).name, Is.EqualTo("A"));
            UnityFakes.Editor.SetPlaying(false);
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(JsonWriter.Write(inventory.Header), Does.Contain("\"uuid\":\"" + uuid + "\",\"version\":1}"),
                "an older version than the daemon's, which so sends the change again");
            ExpectApplied(Daemon.Apply(2, "Rename", null, rename));
            Assert.That(FindObject(uuid).name, Is.EqualTo("Renamed"));
        }

        [Test]
        public void WhatTheUserDidJustBeforePlayIsKeptAndSent()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 1));
            Undo.RecordObject(FindObject(uuid), "Rename");
            FindObject(uuid).name = "Mine";
            UnityFakes.Editor.SetPlaying(true);
            Daemon.ExpectNone("inventory", RunFrame);
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Mine"));
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
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            string uuid = GetUuid(item);
            WaitFor(() => Bridge.Status.Pending == 0);
            Vector3[] before = mesh.vertices;
            UnityFakes.Editor.SetPlaying(true);
            Vector3[] bent = mesh.vertices;
            bent[3] = new Vector3(8, 8, 8);
            mesh.vertices = bent;
            UnityFakes.Editor.SetPlaying(false);
            Daemon.Sync(RunFrame);
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Corners(FindObject(uuid).GetComponent<MeshFilter>().sharedMesh), Is.EqualTo(Corners(before, mesh)));
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
