using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Text.RegularExpressions;
using NUnit.Framework;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Session;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that the scene and its sidecar each hold a copy of the registry, and when which one is used.
    /// </summary>
    public sealed class RegistryFileTests : SyncHarness
    {
        string ScenePath => Host.GetScenePath("Main.unity");

        string SidecarPath => Path.Combine(Path.GetDirectoryName(ScenePath), ".Main.unity.vibesync.json");

        /// <summary>The uuid of the object in the saved scene.</summary>
        string uuid;

        /// <summary>The versions in the inventory after the scene was reopened.</summary>
        Dictionary<string, long> reopened;

        static VibeSyncScene Record => MeshRecords.GetSceneRecord(false);

        /// <summary>Saves a scene with an object of version 7, and ends the editor.</summary>
        IEnumerator SaveAndQuit()
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            uuid = GetUuid(Created);
            Host.SaveScene(ScenePath);
            Host.QuitEditor();
            SessionState.EraseString("VibeSync.Shadow");
        }

        /// <summary>Changes the saved scene as a tool does, without the package.</summary>
        void EditFile(System.Action edit)
        {
            Host.OpenScene(ScenePath);
            edit();
            Host.SaveScene(ScenePath);
        }

        /// <summary>Opens the scene in a new editor.</summary>
        IEnumerator Reopen()
        {
            Host.OpenScene(ScenePath);
            Host.StartEditor();
            yield return Sync();
            reopened = ReadVersions(Received);
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

        [UnityTest]
        public IEnumerator SaveWritesBothCopies()
        {
            yield return Run(SaveAndQuit());
            Host.OpenScene(ScenePath);
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(Record.Registry));
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7));
            // In Unity, each asset also has a file of the asset database.
            IEnumerable<string> files = Directory.GetFiles(Path.GetDirectoryName(ScenePath)).Select(Path.GetFileName);
            Assert.That(files.Where(name => !name.EndsWith(".meta", System.StringComparison.Ordinal)),
                Is.EquivalentTo(new[] { "Main.unity", ".Main.unity.vibesync.json" }));
        }

        [UnityTest]
        public IEnumerator SidecarIsUsedWhenTheSceneCopyIsDamaged([Values] bool isMissing)
        {
            yield return Run(SaveAndQuit());
            if (!isMissing) { LogAssert.Expect(LogType.Error, new Regex("VS-7001.*the sidecar is used")); }
            EditFile(() =>
            {
                DamageScene();
                if (isMissing) { Record.Registry = ""; }
                FindObject(uuid).name = "Offline";
            });
            yield return Run(Reopen());
            Assert.That(reopened, Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Offline\"}"));
            Assert.That(Host.Log.Any(line => line.Contains("VS-7001") && line.Contains("sidecar is used")),
                Is.EqualTo(!isMissing));
            Host.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7), "mended");
        }

        [UnityTest]
        public IEnumerator SceneCopyIsUsedWhenTheSidecarIsDamaged()
        {
            yield return Run(SaveAndQuit());
            DamageSidecar();
            yield return Run(Reopen());
            Assert.That(reopened, Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NothingIsSynchronizedWhenBothCopiesAreDamaged()
        {
            LogAssert.ignoreFailingMessages = true;
            yield return Run(SaveAndQuit());
            EditFile(DamageScene);
            DamageSidecar();
            int before = Daemon.Connections;
            (string scene, string sidecar) = (Record.Registry, File.ReadAllText(SidecarPath));
            Host.OpenScene(ScenePath);
            Host.StartEditor();
            yield return WaitFor(() => Bridge.Status.LastError?.Code == "VS-7001");
            FindObject(uuid).name = "Mine";
            for (int i = 0; i < 20; i++) { yield return null; }
            Assert.That(Daemon.Connections, Is.EqualTo(before));
            Host.SaveScene(ScenePath);
            Assert.That((Record.Registry, File.ReadAllText(SidecarPath)), Is.EqualTo((scene, sidecar)),
                "the save leaves both as they are");
            Assert.That(Host.ReadWindow(), Has.Some.EndsWith("VS-7001: the registry's checksum is wrong"));
            Host.Press("Rebuild Registry");
            yield return Sync();
            Frame inventory = Received;
            Assert.That(ReadVersions(inventory), Is.EqualTo(new Dictionary<string, long> { [uuid] = 0 }));
            Assert.That(FindObject(uuid).name, Is.EqualTo("Mine"), "the scene is kept");
            Host.SaveScene(ScenePath);
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(Record.Registry).And.Not.EqualTo(scene));
        }

        [UnityTest]
        public IEnumerator SceneWithoutARegistryGetsOne()
        {
            yield return Run(SaveAndQuit());
            EditFile(() => Record.Registry = "");
            File.Delete(SidecarPath);
            yield return Run(Reopen());
            Assert.That(reopened, Is.EqualTo(new Dictionary<string, long> { [uuid] = 0 }));
            Host.SaveScene(ScenePath);
            Assert.That(File.Exists(SidecarPath));
        }

        static void SetField(object holder, string name, object value)
        {
            holder.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic).SetValue(holder, value);
        }

        [UnityTest]
        public IEnumerator SceneOfFormatOneIsMigrated()
        {
            yield return Run(SaveAndQuit());
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
            yield return Run(Reopen());
            Assert.That(reopened, Is.EqualTo(new Dictionary<string, long> { [uuid] = 5 }));
            Assert.That(Daemon.Hello.RequiredInteger("last_seq", ""), Is.EqualTo(6));
            yield return ExpectNone("intent");
            Host.SaveScene(ScenePath);
            VibeSyncIdentity saved = FindObject(uuid).GetComponent<VibeSyncIdentity>();
            Assert.That((saved.Uuid, saved.Version, saved.Digests), Is.EqualTo((uuid, 0L, "")));
            Assert.That((Record.Format, Record.ProjectId, Record.LastSeq), Is.EqualTo((2, "", 0L)));
            Registry written = RegistryDocument.Read(Record.Registry, "");
            Assert.That((written.ProjectId, written.Load(uuid).Version), Is.EqualTo((project, 5L)));
        }

        [UnityTest]
        public IEnumerator SaveWhilePausedKeepsWhatWasConfirmed([Values] bool isReloading)
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            GameObject item = Created;
            uuid = GetUuid(item);
            Bridge.IsEnabled = false;
            if (isReloading) { Host.ReloadDomain(); }
            item.name = "Paused";
            Host.SaveScene(ScenePath);
            Host.QuitEditor();
            SessionState.EraseString("VibeSync.Shadow");
            VibeSync.Editor.Settings.IsEnabled = true;
            yield return Run(Reopen());
            Assert.That(reopened, Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Paused\"}"));
        }

        [UnityTest]
        public IEnumerator UnansweredChangeIsNotSavedAsKnown()
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            GameObject item = Created;
            Undo.RecordObject(item, "Rename");
            item.name = "Unanswered";
            yield return Expect("intent");
            Host.SaveScene(ScenePath);
            Host.OpenScene(ScenePath);
            yield return Sync();
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(JsonWriter.Write(GetComponents(change)), Is.EqualTo("{\"name\":\"Unanswered\"}"));
        }

        [UnityTest]
        public IEnumerator AcknowledgedChangeMarksNoComponent()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject item = Created;
            VibeSyncIdentity identity = item.GetComponent<VibeSyncIdentity>();
            (int ofObject, int ofScene) = (EditorUtility.GetDirtyCount(identity), EditorUtility.GetDirtyCount(Record));
            Host.MakePrefabInstance(item);
            Undo.RecordObject(item, "Rename");
            item.name = "B";
            yield return Expect("intent");
            Daemon.Accept(Received, 9);
            yield return WaitFor(() => GetVersion(item) == 9);
            Assert.That((EditorUtility.GetDirtyCount(identity), EditorUtility.GetDirtyCount(Record)),
                Is.EqualTo((ofObject, ofScene)));
            Assert.That(Host.HasRecordedOverrides(identity), Is.False);
        }

        [UnityTest]
        public IEnumerator UnwritableSidecarIsAWarning()
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            Directory.CreateDirectory(Path.Combine(SidecarPath, "in the way"));
            Host.SaveScene(ScenePath);
            Assert.That(Host.Log, Has.Some.StartsWith("warning").And.Some.Contains("VS-7001"));
            Assert.That(Record.Registry, Is.Not.Empty, "the scene has its copy");
        }

        [UnityTest]
        public IEnumerator SaveAsWritesASidecarForTheNewFile()
        {
            yield return Connect();
            yield return CreateAccepted("A", 7);
            GameObject item = Created;
            Host.SaveScene(ScenePath);
            string first = File.ReadAllText(SidecarPath);
            item.name = "B";
            yield return Expect("intent");
            Daemon.Accept(Received, 8);
            yield return WaitFor(() => GetVersion(item) == 8);
            Host.SaveScene(Host.GetScenePath("Other.unity"));
            string other = File.ReadAllText(Path.Combine(Path.GetDirectoryName(ScenePath),
                ".Other.unity.vibesync.json"));
            Assert.That(RegistryDocument.Read(other, "").Load(GetUuid(item)).Version, Is.EqualTo(8));
            Assert.That(File.ReadAllText(SidecarPath), Is.EqualTo(first));
        }

        [Test]
        public void SceneOfNoProjectIsSavedWithoutARegistry()
        {
            Bridge.IsEnabled = false;
            new GameObject("A");
            Host.SaveScene(ScenePath);
            Assert.That(Record == null && !File.Exists(SidecarPath));
            File.WriteAllText(SidecarPath, "of the scene that had this path before");
            Host.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(File.ReadAllText(SidecarPath), "").IsEmpty);
        }

        [UnityTest]
        public IEnumerator RegistryIsLoadedAnewWithAnotherScene()
        {
            yield return Run(SaveAndQuit());
            Host.StartEditor();
            EditorSceneManager.NewScene(NewSceneSetup.EmptyScene);
            Assert.That(SceneRegistry.Current.IsEmpty);
            Host.OpenScene(ScenePath);
            Assert.That(SceneRegistry.Current.Load(uuid).Version, Is.EqualTo(7));
        }

        [UnityTest]
        public IEnumerator RegistrySurvivesPlayModeUnsaved([Values] bool isReloading)
        {
            yield return Connect();
            Host.SaveScene(ScenePath);
            yield return CreateAccepted("A", 7);
            uuid = GetUuid(Created);
            yield return Run(Host.EnterPlayMode(isReloading));
            Assert.Throws<System.InvalidOperationException>(() => Host.SaveScene(ScenePath));
            yield return Run(Host.ExitPlayMode());
            yield return Sync();
            Assert.That(ReadVersions(Received), Is.EqualTo(new Dictionary<string, long> { [uuid] = 7 }));
            Host.SaveScene(ScenePath);
            Assert.That(RegistryDocument.Read(Record.Registry, "").Load(uuid).Version, Is.EqualTo(7));
        }
    }
}
