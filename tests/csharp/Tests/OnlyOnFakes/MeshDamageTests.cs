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
    /// Tests that a mesh file that lost its content is repaired, and never sent as an edit; and when files are saved.
    /// Only on the fakes, because a test cannot kill the editor that runs it.
    /// </summary>
    public sealed class MeshDamageTests : BridgeHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";
        const string FilePath = "Assets/VibeSync/" + MeshUuid + ".asset";

        string ScenePath => Path.Combine(Folder, "scene.unity");

        static string BytesPath => Path.Combine(Engine.ProjectFolder, FilePath);

        static Mesh Shown => FindObject(ObjectUuid).GetComponent<MeshFilter>().sharedMesh;

        static bool IsWarned => Engine.Log.Any(line => line.StartsWith("warning VibeSync VS-7006"));

        List<JsonValue> ApplyAll(long seq, string name, float x)
        {
            List<byte[]> attachments = new List<byte[]>();
            return ExpectApplied(Daemon.Apply(seq, "Mesh", attachments,
                MakeChange("create", MeshUuid, "mesh", MakeMesh(name, MakeTriangle(x), attachments)),
                MakeChange("create", ObjectUuid, "object",
                    MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)))));
        }

        void UpdateMesh(long seq, float x)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue mesh = MakeMesh("", MakeTriangle(x), attachments).Required("mesh", "");
            ExpectApplied(Daemon.Apply(seq, "Mesh", attachments,
                MakeChange("update", MeshUuid, null, JsonValue.Object().With("mesh", mesh))));
        }

        /// <summary>Ends the editor without a save, and opens the scene in a new one. Returns the inventory.</summary>
        Dictionary<string, long> Restart()
        {
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            Engine.Log.Clear();
            UnityFakes.Editor.OpenScene(ScenePath);
            UnityFakes.Editor.Start();
            return Reconnect();
        }

        Dictionary<string, long> Reconnect()
        {
            Frame inventory = Daemon.Sync(RunFrame);
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        /// <summary>Saves the scene, and puts the bytes of an earlier save into the file of the mesh.</summary>
        void SaveScene(byte[] earlier = null)
        {
            UnityFakes.Editor.SaveScene(ScenePath);
            if (earlier != null) { File.WriteAllBytes(BytesPath, earlier); }
        }

        [Test]
        public void MeshOfASavedSceneSurvivesACrash()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            UpdateMesh(2, 5);
            SaveScene();
            Dictionary<string, long> listed = Restart();
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(listed, Is.EquivalentTo(new Dictionary<string, long> { [MeshUuid] = 2, [ObjectUuid] = 1 }));
            Assert.That(Shown.vertices[0].x, Is.EqualTo(-5f));
            Assert.That(IsWarned, Is.False);
        }

        [Test]
        public void UpgradedFileKeepsItsReferencesOverARestart()
        {
            AssetDatabase.CreateFolder("Assets", "VibeSync");
            AssetDatabase.CreateAsset(new Mesh(), FilePath);
            Connect();
            ApplyAll(1, "Rock", 0);
            SaveScene();
            Restart();
            Assert.That(Shown.name + Shown.vertexCount, Is.EqualTo("Rock3"));
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath), Is.InstanceOf<VibeSyncMeshAsset>());
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void EmptyMeshIsRepairedAndNotSent([Values] bool isReloading)
        {
            Connect();
            ApplyAll(1, "Rock", 3);
            SaveScene();
            Shown.Clear(false);
            EditorUtility.SetDirty(Shown);
            AssetDatabase.SaveAssetIfDirty(Shown);
            Dictionary<string, long> listed = Restart();
            Assert.That(IsWarned);
            Assert.That(Bridge.Status.LastNotice, Does.Contain("VS-7006").And.Contain("Rock"));
            Assert.That(listed[MeshUuid], Is.EqualTo(0), "the daemon sends it again");
            Daemon.ExpectNone("intent", RunFrame);
            if (isReloading)
            {
                UnityFakes.Editor.ReloadDomain();
                Assert.That(Reconnect()[MeshUuid], Is.EqualTo(0), "it was not repaired before the reload");
                Daemon.ExpectNone("intent", RunFrame);
            }
            Mesh before = Shown;
            ApplyAll(2, "Rock", 3);
            Assert.That(Shown.vertexCount, Is.EqualTo(3));
            Assert.That(ReferenceEquals(Shown, before), "references stay");
            Daemon.ExpectNone("intent", RunFrame);
            Daemon.Drop();
            Assert.That(Reconnect()[MeshUuid], Is.EqualTo(2));
        }

        [Test]
        public void FileOlderThanTheSceneIsRepairedAndNotSent()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            SaveScene();
            byte[] old = File.ReadAllBytes(BytesPath);
            UpdateMesh(2, 5);
            SaveScene(old);
            Dictionary<string, long> listed = Restart();
            Assert.That(Shown.vertices[0].x, Is.EqualTo(0f));
            Assert.That(listed[MeshUuid], Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
            ApplyAll(2, "Rock", 5);
            Assert.That(Shown.vertices[0].x, Is.EqualTo(-5f));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void VanishedMeshIsNoDeleteAndNoEditOfItsObjects()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            SaveScene();
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            File.Delete(BytesPath);
            Dictionary<string, long> listed = Restart();
            Assert.That(listed, Is.EquivalentTo(new Dictionary<string, long> { [ObjectUuid] = 0 }));
            Assert.That(Bridge.Status.LastNotice, Does.Contain("VS-7006").And.Contain("Shower"));
            Daemon.ExpectNone("intent", RunFrame);
            // The next session knows of it too.
            SaveScene();
            Assert.That(Restart()[ObjectUuid], Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
            ApplyAll(2, "Rock", 0);
            Assert.That(Shown.vertexCount, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void OtherEditOfAnObjectWithALostMeshIsSent()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            SaveScene();
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            File.Delete(BytesPath);
            Restart();
            Undo.RecordObject(FindObject(ObjectUuid), "Rename");
            FindObject(ObjectUuid).name = "Renamed";
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name" }));
        }

        [Test]
        public void MeshThatTheUserEmptiesIsSent()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            Undo.RecordObject(Shown, "Clear");
            Shown.Clear(false);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(MeshUuid));
            Assert.That(GetComponents(change).Required("mesh", "").RequiredInteger("corner_count", ""), Is.EqualTo(0));
        }

        [Test]
        public void EditOfARepairedMeshIsSent()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            SaveScene();
            Shown.Clear(false);
            EditorUtility.SetDirty(Shown);
            AssetDatabase.SaveAssetIfDirty(Shown);
            Restart();
            Undo.RecordObject(Shown, "Model");
            Shown.vertices = new[] { new Vector3(1, 0, 0), new Vector3(2, 0, 0), new Vector3(1, 2, 0) };
            Shown.SetTriangles(new[] { 0, 1, 2 }, 0);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).Required("mesh", "").RequiredInteger("corner_count", ""), Is.EqualTo(3));
        }

        [Test]
        public void EmptyMeshWithoutARecordIsJustEmpty()
        {
            Connect();
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = new Mesh { name = "Empty" };
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            SaveScene();
            Assert.That(Restart().Values, Is.EqualTo(new long[] { 1, 1 }));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(IsWarned, Is.False);
        }

        [Test]
        public void NameThatUnityMadeOfTheFileIsAskedFor()
        {
            Connect();
            ApplyAll(1, "Rock", 0);
            Shown.name = MeshUuid;
            SaveScene();
            Assert.That(Restart()[MeshUuid], Is.EqualTo(0));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(IsWarned, Is.False);
            ApplyAll(1, "Rock", 0);
            Assert.That(Shown.name, Is.EqualTo("Rock"));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void FilesAreSavedOnceNothingChangesForASecond()
        {
            double now = 100;
            UnityFakes.Editor.Clock = () => now;
            Bridge.Resync();
            Connect();
            ApplyAll(1, "Rock", 0);
            Mesh mesh = Shown;
            for (int i = 0; i < 5; i++)
            {
                now += 0.9;
                UpdateMesh(2 + i, i);
                RunFrame();
                Assert.That(EditorUtility.IsDirty(mesh), "a stream of changes is not written one by one");
            }
            now += 0.9;
            RunFrame();
            Assert.That(EditorUtility.IsDirty(mesh));
            now += 0.2;
            RunFrame();
            Assert.That(EditorUtility.IsDirty(mesh), Is.False);
        }
    }
}
