using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that the window shows the state, the next step, and unsupported content.</summary>
    public sealed class WindowTests : SyncHarness
    {
        [UnityTest]
        public IEnumerator WindowShowsTheStateAndSwitchesTheBridge()
        {
            yield return Connect();
            Assert.That(Host.ReadWindow(), Has.Member("● In sync"));
            Host.Press("Pause");
            Assert.That(Bridge.IsRunning, Is.False);
            Assert.That(Host.ReadWindow(), Has.Member("● Paused"));
            Host.Press("Resume");
            Assert.That(Bridge.IsRunning, Is.True);
            yield return Sync();
        }

        [UnityTest]
        public IEnumerator ResyncSendsTheInventoryAgain()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Host.Press("Resync");
            yield return Sync();
            Frame inventory = Received;
            Assert.That(inventory.Header.Required("entities", "").AsArray("").Count, Is.EqualTo(1));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator WindowSaysHowToStartAMissingDaemon()
        {
            Bridge.Stop();
            System.Environment.SetEnvironmentVariable("VIBESYNC_RUNTIME_DIR", Daemon.Folder + "-none");
            Bridge.Start();
            yield return WaitFor(() => Bridge.Status.LastError != null);
            Assert.That(Host.ReadWindow(),
                Has.Some.Contains("Start the daemon in the folder of the project with `vibesync run`."));
        }

        [UnityTest]
        public IEnumerator NoticeOfTheDaemonIsShown()
        {
            yield return Connect();
            Daemon.Send(Messages.Create("notice").With("severity", "warning").With("code", "VS-3012")
                .With("message", "Overruled.").With("help", "Look at the object.")
                .With("uuids", VibeSync.Core.Json.JsonValue.Array()));
            yield return WaitFor(() => Bridge.Status.LastNotice.Length > 0);
            Assert.That(Host.ReadWindow(), Has.Member("Info: VS-3012: Overruled. Look at the object."));
        }

        [UnityTest]
        public IEnumerator SafeModeIsShownUntilItEnds()
        {
            const string Shown = "None: Automation is off: it crashed 3 times. "
                + "Your own changes go on. Turn it on again once you know what went wrong.";
            Daemon.SafeMode = JsonValue.Object().With("since", 7).With("why", "it crashed 3 times");
            yield return Connect();
            Assert.That(Host.ReadWindow(), Has.Member(Shown));
            Host.Press("Turn On Automation");
            yield return Expect("reset");
            Frame reset = Received;
            Assert.That(reset.Header.RequiredString("scope", ""), Is.EqualTo("safe-mode"));
            Assert.That(reset.Header.RequiredString("who", ""), Is.EqualTo(System.Environment.UserName));
            Daemon.Send(Messages.Create("governance").With("safe_mode", JsonValue.Null));
            yield return WaitFor(() => Bridge.Status.SafeMode == null);
            Assert.That(Host.ReadWindow(), Has.Member("● In sync"));
            Daemon.Send(Messages.Create("governance").With("safe_mode", Daemon.SafeMode));
            yield return WaitFor(() => Bridge.Status.SafeMode != null);
            Assert.That(Host.ReadWindow(), Has.Member(Shown));
        }

        [UnityTest]
        public IEnumerator UnsupportedContentIsLoggedOnceAndListed()
        {
            foreach (string name in new[] { "Sun", "Moon" })
            {
                GameObject shower = GameObject.CreatePrimitive(PrimitiveType.Cube);
                shower.name = name;
                shower.AddComponent<Light>();
            }
            GameObject person = new GameObject("Person");
            person.AddComponent<SkinnedMeshRenderer>().bones = new[] { person.transform };
            Mesh hidden = new Mesh();
            Host.MakeUnreadable(hidden);
            person.AddComponent<MeshFilter>().sharedMesh = hidden;
            yield return Connect();
            yield return Expect("intent");
            Assert.That(Host.ReadWindow(), Has.Member("lights beside a mesh (first found at Sun)"));
            Assert.That(Host.ReadWindow(), Has.Member("skinned meshes (first found at Person)"));
            Assert.That(Host.ReadWindow(), Has.Member("meshes whose import forbids reading (first found at Person)"));
            List<string> logged = Host.Log.FindAll(entry => entry.Contains("does not synchronize lights beside a mesh"));
            Assert.That(logged.Count, Is.EqualTo(1));
        }
    }
}
