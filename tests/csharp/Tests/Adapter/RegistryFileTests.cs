using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that the scene and its sidecar each hold a copy of the registry, and when which one is used.</summary>
    public sealed class RegistryFileTests : BridgeHarness
    {
        string ScenePath => Path.Combine(Folder, "Main.unity");

        string SidecarPath => Path.Combine(Folder, ".Main.unity.vibesync.json");

        static VibeSyncScene Record => MeshRecords.GetSceneRecord(false);

        /// <summary>Saves a scene with an object of version 7, and ends the editor; returns the object's uuid.</summary>
        string SaveAndQuit()
        {
            Connect();
            string uuid = GetUuid(CreateAccepted("A", 7));
            UnityFakes.Editor.SaveScene(ScenePath);
            UnityFakes.Editor.Quit();
            SessionState.EraseString("VibeSync.Shadow");
            return uuid;
        }

        /// <summary>Changes the saved scene as a tool does, without the package.</summary>
        void EditFile(System.Action edit)
        {
            UnityFakes.Editor.OpenScene(ScenePath);
            edit();
            UnityFakes.Editor.SaveScene(ScenePath);
        }

        /// <summary>Opens the scene in a new editor; returns the versions of its inventory.</summary>
        Dictionary<string, long> Reopen()
        {
            UnityFakes.Editor.OpenScene(ScenePath);
            UnityFakes.Editor.Start();
            return ReadVersions(Daemon.Sync(RunFrame));
        }

        static Dictionary<string, long> ReadVersions(Frame inventory)
        {
            return inventory.Header.Required("entities", "").AsArray("").ToDictionary(
                entity => entity.RequiredString("uuid", ""), entity => entity.RequiredInteger("version", ""));
        }

        static void DamageScene() =>
            Record.Registry = Record.Registry.Replace("\"version\":7", "\"version\":8");

        void DamageSidecar() =>
            File.WriteAllText(SidecarPath, File.ReadAllText(SidecarPath).Replace("\"version\":7", "\"version\":8"));

        [Test]
        public void SaveWritesBothCopies()
        {
            string uuid = SaveAndQuit();
            UnityFakes.Editor.OpenScene(ScenePath);
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(Record.Registry));
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7));
            Assert.That(Directory.GetFiles(Folder).Select(Path.GetFileName),
                Is.EquivalentTo(new[] { "Main.unity", ".Main.unity.vibesync.json" }));
        }

        [Test]
        public void SidecarIsUsedWhenTheSceneCopyIsDamaged([Values] bool isMissing)
        {
            string uuid = SaveAndQuit();
            EditFile(() =>
            {
                DamageScene();
                if (isMissing) { Record.Registry = ""; }
                FindObject(uuid).name = "Offline";
            });
            Assert.That(Reopen(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Offline\"}"));
            Assert.That(Engine.Log.Any(line => line.Contains("VS-7001") && line.Contains("sidecar is used")),
                Is.EqualTo(!isMissing));
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7), "mended");
        }

        [Test]
        public void SceneCopyIsUsedWhenTheSidecarIsDamaged()
        {
            string uuid = SaveAndQuit();
            DamageSidecar();
            Assert.That(Reopen(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            Daemon.ExpectNone("intent", RunFrame);
        }

        [Test]
        public void NothingIsSynchronizedWhenBothCopiesAreDamaged()
        {
            string uuid = SaveAndQuit();
            EditFile(DamageScene);
            DamageSidecar();
            int before = Daemon.Connections;
            (string scene, string sidecar) = (Record.Registry, File.ReadAllText(SidecarPath));
            UnityFakes.Editor.OpenScene(ScenePath);
            UnityFakes.Editor.Start();
            WaitFor(() => Bridge.Status.LastError?.Code == "VS-7001");
            FindObject(uuid).name = "Mine";
            for (int i = 0; i < 20; i++) { RunFrame(); }
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That((Record.Registry, File.ReadAllText(SidecarPath)), Is.EqualTo((scene, sidecar)),
                "the save leaves both as they are");
            EditorWindow window = EditorWindow.GetWindow<VibeSyncWindow>("VibeSync");
            Screen.Draw(window);
            Assert.That(Screen.Lines, Has.Member("Error: VS-7001: the registry's checksum is wrong"));
            Screen.Pressed = "Rebuild Registry";
            Screen.Draw(window);
            Screen.Pressed = "";
            Frame inventory = Daemon.Sync(RunFrame);
            Assert.That(ReadVersions(inventory), Is.EqualTo(new Dictionary<string, long> { [uuid] = 0 }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("Mine"), "the scene is kept");
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(Record.Registry).And.Not.EqualTo(scene));
        }

        [Test]
        public void SceneWithoutARegistryGetsOne()
        {
            string uuid = SaveAndQuit();
            EditFile(() => Record.Registry = "");
            File.Delete(SidecarPath);
            Assert.That(Reopen(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 0 }));
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(File.Exists(SidecarPath));
        }

        static void SetField(object holder, string name, object value)
        {
            holder.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic).SetValue(holder, value);
        }

        [Test]
        public void SceneOfFormatOneIsMigrated()
        {
            string uuid = SaveAndQuit();
            string digests = RegistryDocument.Read(File.ReadAllText(SidecarPath), "").Load(uuid).WriteDigests();
            string project = RegistryDocument.Read(File.ReadAllText(SidecarPath), "").ProjectId;
            File.Delete(SidecarPath);
            EditFile(() =>
            {
                VibeSyncIdentity identity = FindObject(uuid).GetComponent<VibeSyncIdentity>();
                SetField(identity, "version", 5L);
                SetField(identity, "digests", digests);
                (Record.Registry, Record.Format) = ("", 1);
                SetField(Record, "projectId", project);
                SetField(Record, "baseSeq", 5L);
                SetField(Record, "lastSeq", 6L);
                SetField(Record, "epochs", "[]");
            });
            Assert.That(Reopen(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 5 }));
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(6));
            Daemon.ExpectNone("intent", RunFrame);
            UnityFakes.Editor.SaveScene(ScenePath);
            VibeSyncIdentity saved = FindObject(uuid).GetComponent<VibeSyncIdentity>();
            Assert.That((saved.Uuid, saved.Version, saved.Digests), Is.EqualTo((uuid, 0L, "")));
            Assert.That((Record.Format, Record.ProjectId, Record.LastSeq), Is.EqualTo((2, "", 0L)));
            Registry written = RegistryDocument.Read(Record.Registry, "");
            Assert.That((written.ProjectId, written.Load(uuid).Version), Is.EqualTo((project, 5L)));
        }

        [Test]
        public void SaveWhilePausedKeepsWhatWasConfirmed([Values] bool isReloading)
        {
            Connect();
            GameObject item = CreateAccepted("A", 7);
            string uuid = GetUuid(item);
            Bridge.IsEnabled = false;
            if (isReloading) { UnityFakes.Editor.ReloadDomain(); }
            item.name = "Paused";
            UnityFakes.Editor.SaveScene(ScenePath);
            UnityFakes.Editor.Quit();
            SessionState.EraseString("VibeSync.Shadow");
            Settings.IsEnabled = true;
            Assert.That(Reopen(), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Paused\"}"));
        }

        [Test]
        public void UnansweredChangeIsNotSavedAsKnown()
        {
            Connect();
            GameObject item = CreateAccepted("A", 7);
            Undo.RecordObject(item, "Rename");
            item.name = "Unanswered";
            Daemon.Expect("intent", RunFrame);
            UnityFakes.Editor.SaveScene(ScenePath);
            UnityFakes.Editor.OpenScene(ScenePath);
            Daemon.Sync(RunFrame);
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Unanswered\"}"));
        }

        [Test]
        public void AcknowledgedChangeMarksNoComponent()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            VibeSyncIdentity identity = item.GetComponent<VibeSyncIdentity>();
            (int ofObject, int ofScene) = (EditorUtility.GetDirtyCount(identity), EditorUtility.GetDirtyCount(Record));
            UnityFakes.Editor.MakePrefabInstance(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 9);
            WaitFor(() => GetVersion(item) == 9);
            Assert.That((EditorUtility.GetDirtyCount(identity), EditorUtility.GetDirtyCount(Record)),
                Is.EqualTo((ofObject, ofScene)));
            Assert.That(UnityFakes.Editor.HasRecordedOverrides(identity), Is.False);
        }

        [Test]
        public void UnwritableSidecarIsAWarning()
        {
            Connect();
            CreateAccepted("A", 7);
            Directory.CreateDirectory(Path.Combine(SidecarPath, "in the way"));
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(Engine.Log, Has.Some.StartsWith("warning").And.Some.Contains("VS-7001"));
            Assert.That(Record.Registry, Is.Not.Empty, "the scene has its copy");
        }

        [Test]
        public void SaveAsWritesASidecarForTheNewFile()
        {
            Connect();
            GameObject item = CreateAccepted("A", 7);
            UnityFakes.Editor.SaveScene(ScenePath);
            string first = File.ReadAllText(SidecarPath);
            item.name = "B";
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 8);
            WaitFor(() => GetVersion(item) == 8);
            UnityFakes.Editor.SaveScene(Path.Combine(Folder, "Other.unity"));
            string other = File.ReadAllText(Path.Combine(Folder, ".Other.unity.vibesync.json"));
            Assert.That(RegistryDocument.Read(other, "").Load(GetUuid(item)).Version, Is.EqualTo(8));
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(first));
        }

        [Test]
        public void SceneOfNoProjectIsSavedWithoutARegistry()
        {
            Bridge.IsEnabled = false;
            new GameObject("A");
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(Record == null && !File.Exists(SidecarPath));
            File.WriteAllText(SidecarPath, "of the scene that had this path before");
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(File.ReadAllText(SidecarPath), "").IsEmpty);
        }

        [Test]
        public void RegistryIsLoadedAnewWithAnotherScene()
        {
            string uuid = SaveAndQuit();
            UnityFakes.Editor.Start();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Assert.That(SceneRegistry.Current.IsEmpty);
            UnityFakes.Editor.OpenScene(ScenePath);
            Assert.That(SceneRegistry.Current.Load(uuid).Version, Is.EqualTo(7));
        }

        [Test]
        public void RegistrySurvivesPlayModeUnsaved([Values] bool isReloading)
        {
            Connect();
            UnityFakes.Editor.SaveScene(ScenePath);
            string uuid = GetUuid(CreateAccepted("A", 7));
            UnityFakes.Editor.SetPlaying(true, isReloading);
            Assert.Throws<System.InvalidOperationException>(() => UnityFakes.Editor.SaveScene(ScenePath));
            UnityFakes.Editor.SetPlaying(false);
            Assert.That(ReadVersions(Daemon.Sync(RunFrame)), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            UnityFakes.Editor.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7));
        }
    }
}
