using System;
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
    /// <summary>Tests the layout of mesh files, the names of meshes in them, and when they are saved.</summary>
    public sealed class MeshFileTests : BridgeHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string OtherMesh = "01920000-0000-7000-8000-00000000000d";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";
        const string FilePath = "Assets/VibeSync/" + MeshUuid + ".asset";

        static string BytesPath => Path.Combine(Engine.ProjectFolder, FilePath);

        /// <summary>Creates a mesh as the daemon does, and an object that shows it.</summary>
        Mesh CreateMesh(string name, string uuid = MeshUuid, string user = ObjectUuid)
        {
            List<byte[]> attachments = new List<byte[]>();
            ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", uuid, "mesh", MakeMesh(name, MakeTriangle(0), attachments)),
                MakeChange("create", user, "object", MakeObject("Shower", null, uuid, MakeTransform(0, 0, 0)))));
            return FindObject(user).GetComponent<MeshFilter>().sharedMesh;
        }

        List<JsonValue> UpdateMesh(long seq, float x, string name = null, string uuid = MeshUuid)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue components = MakeMesh(name ?? "", MakeTriangle(x), attachments);
            if (name == null) { components = JsonValue.Object().With("mesh", components.Required("mesh", "")); }
            return ExpectApplied(Daemon.Apply(seq, "Mesh", attachments, MakeChange("update", uuid, null, components)));
        }

        /// <summary>Saves every asset, as "Save Project" does.</summary>
        static void SaveProject(params UnityEngine.Object[] assets)
        {
            foreach (UnityEngine.Object asset in assets)
            {
                EditorUtility.SetDirty(asset);
                AssetDatabase.SaveAssetIfDirty(asset);
            }
        }

        /// <summary>Makes a file of an earlier package, in which the mesh is the main object.</summary>
        static Mesh MakeOldFile()
        {
            Directory.CreateDirectory(Path.GetDirectoryName(BytesPath));
            Mesh mesh = new Mesh { vertices = new[] { new Vector3(7, 0, 0) } };
            AssetDatabase.CreateAsset(mesh, FilePath);
            return mesh;
        }

        [Test]
        public void MeshKeepsItsNameWhenItsFileIsSaved()
        {
            Connect();
            Mesh mesh = CreateMesh("Rock");
            SaveProject(mesh);
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(AssetDatabase.IsMainAsset(mesh), Is.False);
            VibeSyncMeshAsset main = (VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(FilePath);
            Assert.That(main.Uuid, Is.EqualTo(MeshUuid));
            Assert.That(main.name, Is.EqualTo(MeshUuid));
            Daemon.ExpectNone("intent", RunFrame);
            Assert.That(Engine.Log.Any(line => line.Contains("does not match filename")), Is.False);
        }

        [Test]
        public void OldFileIsUpgradedInPlace()
        {
            Mesh mesh = MakeOldFile();
            Connect();
            GameObject item = new GameObject("Shower");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            UpdateMesh(2, 5, "Rock", uuid);
            Assert.That(ReferenceEquals(item.GetComponent<MeshFilter>().sharedMesh, mesh), "references stay");
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath), Is.InstanceOf<VibeSyncMeshAsset>());
            SaveProject(mesh);
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(mesh.vertices[0].x, Is.EqualTo(-5f));
            string scene = Path.Combine(Folder, "scene.unity");
            UnityFakes.Editor.SaveScene(scene);
            Daemon.Drop();
            UnityFakes.Editor.Crash();
            UnityFakes.Editor.OpenScene(scene);
            Assert.That(OpenScenes.FindAll<MeshFilter>().Single().sharedMesh.name, Is.EqualTo("Rock"));
        }

        [Test]
        public void OldFileOfAnEarlierSessionIsReusedAndUpgraded()
        {
            Mesh mesh = MakeOldFile();
            Connect();
            Assert.That(ReferenceEquals(CreateMesh("Rock"), mesh));
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath), Is.InstanceOf<VibeSyncMeshAsset>());
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(mesh.vertexCount, Is.EqualTo(3));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void NameOfTheFileIsNoRename()
        {
            Connect();
            Mesh mesh = CreateMesh("Rock");
            mesh.name = MeshUuid;
            EditorUtility.SetDirty(mesh);
            Daemon.ExpectNone("intent", RunFrame);
            mesh.name = "Stone";
            EditorUtility.SetDirty(mesh);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Stone"));
        }

        [Test]
        public void CopyOfAnAssetKeepsTheNameOfItsOriginal()
        {
            Connect();
            Mesh own = new Mesh { vertices = new[] { new Vector3(1, 2, 3) }, hideFlags = HideFlags.NotEditable };
            AssetDatabase.CreateAsset(own, "Assets/Mine.asset");
            GameObject item = new GameObject("A");
            item.AddComponent<MeshFilter>().sharedMesh = own;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            UpdateMesh(2, 0, null, uuid);
            Mesh copy = item.GetComponent<MeshFilter>().sharedMesh;
            SaveProject(copy);
            Assert.That(copy.name, Is.EqualTo("Mine"));
            Assert.That(copy.hideFlags, Is.EqualTo(HideFlags.None));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void DuplicatedFileIsAMeshOfItsOwn()
        {
            Connect();
            Mesh original = CreateMesh("Rock");
            SaveProject(original);
            string path = UnityFakes.Editor.DuplicateAsset(FilePath);
            Mesh duplicate = AssetDatabase.LoadAssetAtPath<Mesh>(path);
            GameObject item = new GameObject("B");
            item.AddComponent<MeshFilter>().sharedMesh = duplicate;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Daemon.Accept(intent, 2);
            WaitFor(() => Bridge.Status.Pending == 0);
            string uuid = GetChanges(intent)[0].RequiredString("uuid", "");
            Assert.That(uuid, Is.Not.EqualTo(MeshUuid));
            UpdateMesh(3, 5, null, uuid);
            Assert.That(duplicate.vertices[0].x, Is.EqualTo(-5f));
            Assert.That(original.vertices[0].x, Is.EqualTo(0f));
            Assert.That(((VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(path)).Uuid, Is.EqualTo(uuid));
            Assert.That(((VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(FilePath)).Uuid, Is.EqualTo(MeshUuid));
        }

        [Test]
        public void FileWhoseMeshHasAnotherUuidIsNotOverwritten()
        {
            Connect();
            Mesh mesh = MakeOldFile();
            GameObject item = new GameObject("B");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            WaitFor(() => Bridge.Status.Pending == 0);
            Mesh created = CreateMesh("Rock");
            Assert.That(ReferenceEquals(created, mesh), Is.False);
            Assert.That(mesh.vertices[0].x, Is.EqualTo(7f), "it is the user's");
            Assert.That(AssetDatabase.GetAssetPath(created), Is.EqualTo("Assets/VibeSync/" + MeshUuid + " 1.asset"));
        }

        [Test]
        public void FailedBatchLeavesNoFile()
        {
            Connect();
            List<byte[]> attachments = new List<byte[]>();
            ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", MeshUuid, "mesh", MakeMesh("Rock", MakeTriangle(0), attachments)),
                MakeChange("create", ObjectUuid, "object",
                    MakeObject("Bad", OtherMesh, null, MakeTransform(0, 0, 0)))));
            Assert.That(File.Exists(BytesPath), Is.False);
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath) == null);
            Assert.That(CreateMesh("Rock").vertexCount, Is.EqualTo(3));
        }

        [Test]
        public void UndoRestoresMeshAndName()
        {
            Connect();
            Mesh mesh = CreateMesh("Rock");
            UpdateMesh(2, 5, "Stone");
            Undo.PerformUndo();
            Assert.That(mesh.name + mesh.vertices[0].x, Is.EqualTo("Rock0"));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame))[0];
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name", "mesh" }));
        }

        [Test]
        public void FilesAreSavedOnceNothingChangesForASecond()
        {
            double now = 100;
            UnityFakes.Editor.Clock = () => now;
            Bridge.Resync();
            Connect();
            Mesh mesh = CreateMesh("Rock");
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

        [TestCase("quit")]
        [TestCase("reload")]
        [TestCase("play")]
        [TestCase("scene")]
        public void FilesAreSavedBefore(string moment)
        {
            Connect();
            Mesh mesh = CreateMesh("Rock");
            Assert.That(EditorUtility.IsDirty(mesh));
            switch (moment)
            {
                case "quit": UnityFakes.Editor.Quit(); break;
                case "reload": UnityFakes.Editor.ReloadDomain(() => Assert.That(EditorUtility.IsDirty(mesh), Is.False)); break;
                case "play": UnityFakes.Editor.SetPlaying(true); break;
                default: UnityFakes.Editor.SaveScene(Path.Combine(Folder, "scene.unity")); break;
            }
            Assert.That(EditorUtility.IsDirty(mesh), Is.False);
        }
    }
}
