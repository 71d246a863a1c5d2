using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests the layout of mesh files, the names of meshes in them, and before what they are saved.</summary>
    public sealed class MeshFileTests : SyncHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string OtherMesh = "01920000-0000-7000-8000-00000000000d";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";
        const string FilePath = "Assets/VibeSync/" + MeshUuid + ".asset";

        GameObject item;
        string shownUuid;

        static string BytesPath => Path.Combine(Host.ProjectFolder, FilePath);

        /// <summary>The mesh that the daemon created.</summary>
        static Mesh Shown => FindObject(ObjectUuid).GetComponent<MeshFilter>().sharedMesh;

        /// <summary>Creates a mesh as the daemon does, and an object that shows it.</summary>
        Steps CreateMesh(string name)
        {
            List<byte[]> attachments = new List<byte[]>();
            return ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", MeshUuid, "mesh", MakeMesh(name, MakeTriangle(0), attachments)),
                MakeChange("create", ObjectUuid, "object",
                    MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)))));
        }

        /// <summary>Creates an object that shows a mesh, as a user does; the intent is then in `Received`.</summary>
        Steps Show(Mesh mesh, long seq)
        {
            item = new GameObject("Mine");
            item.AddComponent<MeshFilter>().sharedMesh = mesh;
            Undo.RegisterCreatedObjectUndo(item, "Create");
            return Run(Accept(seq));
        }

        IEnumerator Accept(long seq)
        {
            yield return Expect("intent");
            Daemon.Accept(Received, seq);
            shownUuid = GetChanges(Received)[0].RequiredString("uuid", "");
            yield return WaitFor(() => Bridge.Status.Pending == 0);
        }

        Steps UpdateMesh(long seq, float x, string name = null, string uuid = MeshUuid)
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
            if (!AssetDatabase.IsValidFolder("Assets/VibeSync")) { AssetDatabase.CreateFolder("Assets", "VibeSync"); }
            Mesh mesh = new Mesh { vertices = new[] { new Vector3(7, 0, 0) } };
            AssetDatabase.CreateAsset(mesh, FilePath);
            return mesh;
        }

        [UnityTest]
        public IEnumerator MeshKeepsItsNameWhenItsFileIsSaved()
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh mesh = Shown;
            SaveProject(mesh);
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(AssetDatabase.IsMainAsset(mesh), Is.False);
            VibeSyncMeshAsset main = (VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(FilePath);
            Assert.That(main.Uuid, Is.EqualTo(MeshUuid));
            Assert.That(main.name, Is.EqualTo(MeshUuid));
            yield return ExpectNone("intent");
            Assert.That(Host.Log.Any(line => line.Contains("does not match filename")), Is.False);
        }

        [UnityTest]
        public IEnumerator OldFileIsUpgradedInPlace()
        {
            Mesh mesh = MakeOldFile();
            yield return Connect();
            yield return Show(mesh, 1);
            string uuid = shownUuid;
            yield return UpdateMesh(2, 5, "Rock", uuid);
            Assert.That(item.GetComponent<MeshFilter>().sharedMesh == mesh, "references stay");
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath), Is.InstanceOf<VibeSyncMeshAsset>());
            SaveProject(mesh);
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(mesh.vertices[0].x, Is.EqualTo(-5f));
        }

        [UnityTest]
        public IEnumerator OldFileOfAnEarlierSessionIsReusedAndUpgraded()
        {
            Mesh mesh = MakeOldFile();
            yield return Connect();
            yield return CreateMesh("Rock");
            Assert.That(Shown == mesh);
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath), Is.InstanceOf<VibeSyncMeshAsset>());
            Assert.That(mesh.name, Is.EqualTo("Rock"));
            Assert.That(mesh.vertexCount, Is.EqualTo(3));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NameOfTheFileIsNoRename()
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh mesh = Shown;
            mesh.name = MeshUuid;
            EditorUtility.SetDirty(mesh);
            yield return ExpectNone("intent");
            mesh.name = "Stone";
            EditorUtility.SetDirty(mesh);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(GetComponents(change).RequiredString("name", ""), Is.EqualTo("Stone"));
        }

        [UnityTest]
        public IEnumerator CopyOfAnAssetKeepsTheNameOfItsOriginal()
        {
            yield return Connect();
            Mesh own = new Mesh { vertices = new[] { new Vector3(1, 2, 3) }, hideFlags = HideFlags.NotEditable };
            AssetDatabase.CreateAsset(own, "Assets/Mine.asset");
            yield return Show(own, 1);
            string uuid = shownUuid;
            yield return UpdateMesh(2, 0, null, uuid);
            Mesh copy = item.GetComponent<MeshFilter>().sharedMesh;
            SaveProject(copy);
            Assert.That(copy.name, Is.EqualTo("Mine"));
            Assert.That(copy.hideFlags, Is.EqualTo(HideFlags.None));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator DuplicatedFileIsAMeshOfItsOwn()
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh original = Shown;
            SaveProject(original);
            string path = "Assets/VibeSync/" + MeshUuid + " 1.asset";
            Assert.That(AssetDatabase.CopyAsset(FilePath, path), "as Ctrl+D in the Project window does");
            Mesh duplicate = AssetDatabase.LoadAssetAtPath<Mesh>(path);
            yield return Show(duplicate, 2);
            string uuid = shownUuid;
            Assert.That(uuid, Is.Not.EqualTo(MeshUuid));
            yield return UpdateMesh(3, 5, null, uuid);
            Assert.That(duplicate.vertices[0].x, Is.EqualTo(-5f));
            Assert.That(original.vertices[0].x, Is.EqualTo(0f));
            Assert.That(((VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(path)).Uuid, Is.EqualTo(uuid));
            Assert.That(((VibeSyncMeshAsset)AssetDatabase.LoadMainAssetAtPath(FilePath)).Uuid, Is.EqualTo(MeshUuid));
        }

        [UnityTest]
        public IEnumerator FileWhoseMeshHasAnotherUuidIsNotOverwritten()
        {
            yield return Connect();
            Mesh mesh = MakeOldFile();
            yield return Show(mesh, 1);
            yield return CreateMesh("Rock");
            Mesh created = Shown;
            Assert.That(created == mesh, Is.False);
            Assert.That(mesh.vertices[0].x, Is.EqualTo(7f), "it is the user's");
            Assert.That(AssetDatabase.GetAssetPath(created), Is.EqualTo("Assets/VibeSync/" + MeshUuid + " 1.asset"));
        }

        [UnityTest]
        public IEnumerator FailedBatchLeavesNoFile()
        {
            yield return Connect();
            List<byte[]> attachments = new List<byte[]>();
            yield return ExpectApplied(Daemon.Apply(1, "Mesh", attachments,
                MakeChange("create", MeshUuid, "mesh", MakeMesh("Rock", MakeTriangle(0), attachments)),
                MakeChange("create", ObjectUuid, "object",
                    MakeObject("Bad", OtherMesh, null, MakeTransform(0, 0, 0)))));
            Assert.That(File.Exists(BytesPath), Is.False);
            Assert.That(AssetDatabase.LoadMainAssetAtPath(FilePath) == null);
            yield return CreateMesh("Rock");
            Assert.That(Shown.vertexCount, Is.EqualTo(3));
        }

        [UnityTest]
        public IEnumerator UndoRestoresMeshAndName()
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh mesh = Shown;
            yield return UpdateMesh(2, 5, "Stone");
            Undo.PerformUndo();
            Assert.That(mesh.name + mesh.vertices[0].x, Is.EqualTo("Rock0"));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received)[0];
            Assert.That(GetComponents(change).AsObject("").Keys, Is.EquivalentTo(new[] { "name", "mesh" }));
        }

        [UnityTest]
        public IEnumerator FilesAreSavedBefore([Values("quit", "reload", "scene")] string moment)
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh mesh = Shown;
            Assert.That(EditorUtility.IsDirty(mesh));
            switch (moment)
            {
                case "quit": Host.QuitEditor(); break;
                case "reload":
                    Host.ReloadDomain(() => Assert.That(EditorUtility.IsDirty(mesh), Is.False));
                    break;
                default: Host.SaveScene(Host.GetScenePath("scene")); break;
            }
            Assert.That(EditorUtility.IsDirty(mesh), Is.False);
        }

        [UnityTest]
        public IEnumerator FilesAreSavedBeforePlayMode()
        {
            yield return Connect();
            yield return CreateMesh("Rock");
            Mesh mesh = Shown;
            yield return Run(Host.EnterPlayMode(false));
            bool isDirty = EditorUtility.IsDirty(mesh);
            yield return Run(Host.ExitPlayMode());
            Assert.That(isDirty, Is.False);
        }
    }
}
