using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Calls in scenes of many objects: their cost, and whose changes are whose.</summary>
    public sealed class CapabilityLargeSceneTests : CapabilityHarness
    {
        long seq;

        /// <summary>Connects with a scene of this many objects, all of which the daemon has.</summary>
        List<GameObject> ConnectWith(int count)
        {
            seq = 0;
            ConnectWithAddon();
            List<GameObject> all = Enumerable.Range(0, count).Select(i => new GameObject("Object " + i)).ToList();
            WaitFor(() =>
            {
                AcceptAll();
                return GetUuid(all[count - 1]) != null && GetVersion(all[count - 1]) > 0 && Bridge.Status.Pending == 0;
            }, 60);
            return all;
        }

        /// <summary>Accepts the intents that have arrived; returns them.</summary>
        List<Frame> AcceptAll()
        {
            List<Frame> intents = new List<Frame>();
            while (Daemon.TryReceive(out Frame frame))
            {
                if (frame.Type != "intent") { continue; }
                Daemon.Accept(frame, ++seq);
                intents.Add(frame);
            }
            return intents;
        }

        [Test]
        public void CallLooksUpNoObjectThatItDidNotChange()
        {
            ConnectWith(2000);
            int before = -1;
            CapabilityHandlers.Act = arguments =>
            {
                before = Engine.Lookups;
                return AiResult.Error("no", "NO");
            };
            Call("act");
            for (DateTime end = DateTime.UtcNow.AddSeconds(60); before < 0 && DateTime.UtcNow < end;)
            {
                AcceptAll();
                RunFrame();
            }
            // The scene was compared and taken back in the frame of the handler.
            Assert.That(before, Is.Not.Negative, "the handler ran");
            Assert.That(Engine.Lookups - before, Is.LessThan(100));
        }

        [Test]
        public void UndoRightBeforeACallIsThePersons()
        {
            // Each tick then compares all that the walk has marked, so that nothing is left which a call waits for.
            Settings.TickMilliseconds = Settings.MaxTickMilliseconds;
            Bridge.Resync();
            List<GameObject> all = ConnectWith(15000);
            GameObject last = all[14999];
            MoveWithUndo(last, 5);
            WaitFor(() => AcceptAll().Count > 0);
            int polls = 0;
            bool isUndone = false;
            CapabilityHandlers.Act = arguments => AiResult.Later(() =>
            {
                polls++;
                if (!isUndone) { return null; }
                Undo.RecordObject(last, "Rename");
                last.name = "Renamed";
                return AiResult.Success("done");
            });
            Call("act");
            WaitFor(() => polls > 0, 60);
            // The next poll is due, and would come before a walk through all objects has found the undo.
            System.Threading.Thread.Sleep(150);
            Undo.PerformUndo();
            isUndone = true;
            List<JsonValue> own = new List<JsonValue>();
            JsonValue called = null;
            WaitFor(() =>
            {
                foreach (Frame intent in AcceptAll())
                {
                    if (intent.Header.Find("request_id") == null) { own.AddRange(GetChanges(intent)); }
                    else { called = GetChanges(intent).Single(); }
                }
                return called != null;
            }, 60);
            Assert.That(GetComponents(called).AsObject("").Keys, Is.EqualTo(new[] { "name" }));
            Assert.That(own.Select(change => GetComponents(change).AsObject("").Keys.Single()), Is.EqualTo(new[] { "transform" }));
        }

        [Test]
        public void PrefabThatAHandlerMakesKeepsItsGuard()
        {
            GameObject chair = ConnectWith(1)[0];
            KeepFromAgents.Toggle(new[] { chair });
            WaitFor(() => AcceptAll().Count > 0);
            WaitFor(() => Bridge.Status.Pending == 0);
            CapabilityHandlers.Act = arguments =>
            {
                UnityFakes.Editor.MakePrefabInstance(chair);
                return AiResult.Success("done");
            };
            Call("act");
            Frame intent = Daemon.Expect("intent", RunFrame);
            Assert.That(GetComponents(GetChanges(intent).Single()).AsObject("").Keys, Is.EqualTo(new[] { "prefab" }));
            Daemon.Accept(intent, 9);
            Assert.That(Status(ExpectAnswer()), Is.EqualTo("success"));
            Assert.That(new Identities().IsHumanOnly(chair));
        }

        [Test]
        public void CopyThatAHandlerMakesIsNew()
        {
            GameObject chair = ConnectWith(1)[0];
            CapabilityHandlers.Act = arguments =>
            {
                UnityFakes.Editor.Duplicate(chair);
                return null;
            };
            Call("act");
            JsonValue change = GetChanges(Daemon.Expect("intent", RunFrame)).Single();
            Assert.That(change.RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(change.RequiredString("uuid", ""), Is.Not.EqualTo(GetUuid(chair)));
        }
    }
}
