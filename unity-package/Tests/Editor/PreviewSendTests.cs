using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Sends what the user is dragging, before the durable change.</summary>
    public sealed class PreviewSendTests : PreviewHarness
    {
        Steps Grab() => Run(GrabItem());

        IEnumerator GrabItem()
        {
            yield return ConnectWithItem();
            Host.Select(Item.transform);
            Host.HoldMouse(true);
            yield return Settle();
        }

        /// <summary>Moves the object as a gizmo does: without an event before the mouse is released.</summary>
        void Drag(float x)
        {
            Item.transform.localPosition = new Vector3(x, 0, 0);
            Clock += 0.02;
        }

        void Release() => Host.HoldMouse(false);

        string Translation => JsonWriter.Write(GetComponents(GetChanges(Received)[0]).Required("transform", "")
            .Required("translation", ""));

        List<string> Ended => Received.Header.Required("uuids", "").AsArray("").ConvertAll(uuid => uuid.AsString(""));

        [UnityTest]
        public IEnumerator DragIsShownBeforeItIsSent()
        {
            yield return Grab();
            for (int i = 1; i <= 3; i++)
            {
                Drag(i);
                yield return Expect("preview");
                Assert.That(Received.Header.RequiredInteger("seq", ""), Is.EqualTo(i));
                Assert.That(GetChanges(Received)[0].RequiredString("uuid", ""), Is.EqualTo(Uuid));
                Assert.That(Translation, Is.EqualTo("[" + -i + ",0,0]"));
            }
            yield return ExpectNone("intent");
            Release();
            yield return Expect("intent");
            Assert.That(Translation, Is.EqualTo("[-3,0,0]"));
            Daemon.Accept(Received, 2);
            yield return ExpectNone("preview_end");
        }

        [UnityTest]
        public IEnumerator DaemonWithoutTheFeatureGetsTheChangesAtOnce()
        {
            Daemon.Features = JsonValue.Array();
            yield return Grab();
            Drag(1);
            yield return Expect("intent");
            Assert.That(Translation, Is.EqualTo("[-1,0,0]"));
            Release();
        }

        [UnityTest]
        public IEnumerator ValuesAreLimitedAndRepeated()
        {
            yield return Grab();
            Drag(1);
            yield return Expect("preview");
            Item.transform.localPosition = new Vector3(2, 0, 0);
            Clock += 0.01;
            yield return ExpectNone("preview", 0.1);
            Clock += 0.01;
            yield return Expect("preview");
            Assert.That(Translation, Is.EqualTo("[-2,0,0]"));
            yield return ExpectNone("preview", 0.1);
            Clock += 0.5;
            yield return Expect("preview");
            Assert.That(Translation, Is.EqualTo("[-2,0,0]"), "it is repeated");
            Release();
        }

        [UnityTest]
        public IEnumerator OnlyWhatMovedIsSent()
        {
            yield return ConnectWithItem();
            yield return CreateAccepted("Still", 2);
            Host.Select(Item.transform, Created.transform);
            Host.HoldMouse(true);
            Drag(1);
            yield return Expect("preview");
            Assert.That(GetChanges(Received), Has.Count.EqualTo(1));
            Release();
        }

        [UnityTest]
        public IEnumerator CanceledDragEndsThePreview()
        {
            yield return Grab();
            Drag(1);
            yield return Expect("preview");
            Drag(0);
            Release();
            yield return Expect("preview_end");
            Assert.That(Ended, Is.EqualTo(new[] { Uuid }));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator RefusedOrUnchangedChangeEndsThePreview([Values("refused", "unchanged")] string answer)
        {
            yield return Grab();
            Drag(1);
            yield return Expect("preview");
            Release();
            yield return Expect("intent");
            if (answer == "refused") { Daemon.Refuse(Received, "VS-4001", "changes[0]"); }
            else
            {
                Daemon.Send(Messages.Create("ack").With("operation_id", Received.Header.RequiredString("operation_id", ""))
                    .With("status", answer).With("seq", 1));
            }
            yield return Expect("preview_end");
            Assert.That(Ended, Is.EqualTo(new[] { Uuid }));
        }

        [UnityTest]
        public IEnumerator ChangeOfAHandThatRestsIsSent()
        {
            yield return Grab();
            Drag(1);
            yield return Expect("preview");
            Clock += 4;
            yield return ExpectNone("intent", 0.1);
            Clock += 2;
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            Drag(2);
            yield return Expect("preview");
            Release();
            yield return Expect("intent");
            Assert.That(Translation, Is.EqualTo("[-2,0,0]"));
        }

        [UnityTest]
        public IEnumerator NextConnectionCountsAnew()
        {
            yield return Grab();
            Drag(1);
            yield return Expect("preview");
            Daemon.Drop();
            yield return WaitFor(() => Bridge.Status.State != "connected");
            Clock += 60;
            yield return Connect();
            Drag(2);
            yield return Expect("preview");
            Assert.That(Received.Header.RequiredInteger("seq", ""), Is.EqualTo(1));
            Release();
        }

        [UnityTest]
        public IEnumerator ManyObjectsTakeSeveralMessages()
        {
            yield return Connect();
            Transform[] many = new Transform[600];
            for (int i = 0; i < many.Length; i++) { many[i] = new GameObject("Many " + i).transform; }
            int accepted = 0;
            while (accepted < many.Length)
            {
                yield return Expect("intent");
                accepted += GetChanges(Received).Count;
                Daemon.Accept(Received, accepted);
            }
            yield return Settle();
            Host.Select(many);
            Host.HoldMouse(true);
            yield return Settle();
            foreach (Transform one in many) { one.localPosition = new Vector3(1, 0, 0); }
            Clock += 0.05;
            yield return Expect("preview");
            Assert.That(GetChanges(Received), Has.Count.EqualTo(512));
            yield return Expect("preview");
            Assert.That(GetChanges(Received), Has.Count.EqualTo(88));
            Assert.That(Received.Header.RequiredInteger("seq", ""), Is.EqualTo(2));
            Release();
        }
    }
}
