using System;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Views;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests previews beside faults and actions that only the fakes offer: rounding, more events than Unity documents, the
    /// mouse in a view, a picture without a graphics device.
    /// </summary>
    public sealed class PreviewEditorTests : BridgeHarness
    {
        static readonly Vector3 Origin = new Vector3(0, 0, 0);

        GameObject item;

        [SetUp]
        public void OfferPreviews()
        {
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature, ViewMessages.Feature);
            Connect();
            item = CreateAccepted("Item", 1);
        }

        void Show(double x)
        {
            SendPreview(MakeTransform(-x, 0, 0));
            WaitFor(() => item.transform.localPosition.x == (float)x);
        }

        void SendPreview(JsonValue transform)
        {
            JsonValue change = JsonValue.Object().With("uuid", GetUuid(item))
                .With("components", JsonValue.Object().With("transform", transform));
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(change)));
        }

        void End()
        {
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(GetUuid(item))));
            WaitFor(() => item.transform.localPosition.Equals(Origin));
        }

        [Test]
        public void ViewsAreDrawnAgain()
        {
            int repaints = UnityFakes.Editor.Repaints;
            Show(3);
            Assert.That(UnityFakes.Editor.Repaints, Is.GreaterThan(repaints));
            repaints = UnityFakes.Editor.Repaints;
            End();
            Assert.That(UnityFakes.Editor.Repaints, Is.GreaterThan(repaints));
        }

        [Test]
        public void PublishedTransformsAreNoEdits()
        {
            Faults.PublishesTransforms = true;
            Show(3);
            Daemon.ExpectNone("intent", RunFrame, 0.3);
            End();
            Daemon.ExpectNone("intent", RunFrame, 0.3);
        }

        [Test]
        public void RoundedRotationIsNoEdit()
        {
            Undo.RecordObject(item.transform, "Turn");
            item.transform.localRotation = new Quaternion(0.6f, 0, 0, 0.8f);
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 2);
            WaitFor(() => GetVersion(item) == 2);
            Faults.RoundsRotations = true;
            Show(3);
            End();
            Assert.That(item.transform.localRotation.x, Is.Not.EqualTo(0.6f), "it was rounded");
            Daemon.ExpectNone("intent", RunFrame, 0.3);
        }

        [Test]
        public void HandleBeginsAtTheObjectsOwnPlace()
        {
            Show(3);
            UnityFakes.Editor.SetSelection(item.transform);
            UnityFakes.Editor.PressMouse();
            Assert.That(item.transform.localPosition, Is.EqualTo(Origin), "in the event, before any tick");
            UnityFakes.Editor.SetSelection();
            GUIUtility.hotControl = 0;
        }

        [Test]
        public void StepOfAScriptInTheSameFrameIsWithoutIt()
        {
            EditorApplication.CallbackFunction rename = null;
            rename = () =>
            {
                EditorApplication.update -= rename;
                Undo.IncrementCurrentGroup();
                Undo.RecordObject(item.transform, "Scale");
                item.transform.localScale = new Vector3(2, 2, 2);
            };
            // Before the bridge's own update of the frame.
            EditorApplication.update = rename + EditorApplication.update;
            SendPreview(MakeTransform(-3, 0, 0));
            System.Threading.Thread.Sleep(100);
            RunFrame();
            WaitFor(() => item.transform.localPosition.Equals(Origin) && item.transform.localScale.x == 2);
            Undo.PerformUndo();
            Assert.That(item.transform.localPosition, Is.EqualTo(Origin));
            Undo.PerformRedo();
            Assert.That(item.transform.localPosition, Is.EqualTo(Origin));
        }

        [Test]
        public void PictureIsOfTheSceneItself()
        {
            UnityFakes.Editor.ShowSceneView();
            Show(3);
            Vector3 drawn = new Vector3(9, 9, 9);
            Canvas.Drawing = () => drawn = item.transform.localPosition;
            Daemon.Send(Messages.Create("view").With("request_id", Guid.NewGuid().ToString()).With("look", "view")
                .With("frame", JsonValue.Array()).With("size", 256).With("deadline_ms", 10000));
            Frame result = Daemon.Expect("view_result", RunFrame);
            Assert.That(result.Header.Required("error", "").IsNull, JsonWriter.Write(result.Header));
            Assert.That(drawn, Is.EqualTo(Origin));
            Assert.That(item.transform.localPosition.x, Is.EqualTo(3), "the user goes on to see it");
        }

        [Test]
        public void ShownValueIsNeverSentBack()
        {
            ShownPreviews shown = new ShownPreviews(new HandOnAll(GetUuid(item)));
            Replica replica = new Replica();
            replica.Set(GetUuid(item), new SyncRecord { Version = 1 });
            Outbox outbox = new Outbox();
            List<Frame> sent = new List<Frame>();
            PreviewSender sender = new PreviewSender(shown, replica, outbox,
                new Capture(null, replica, new List<string>(), () => { }), () => true, frame =>
                {
                    sent.Add(frame);
                    return true;
                });
            sender.Begin();
            Core.Scene.Entity place = new Core.Scene.Entity(GetUuid(item), Core.Scene.Kinds.Object);
            place.Set(new Core.Space.NativeTransform().ToComponent());
            shown.Show(place);
            sender.Run(1);
            Assert.That(sent, Is.Empty);
            shown.PutBackAll();
            sender.Run(2);
            Assert.That(sent, Has.Count.EqualTo(1), "without a preview it is the user's own");
        }

        /// <summary>A scene with one object, which the user holds.</summary>
        sealed class HandOnAll : IPreviewScene
        {
            readonly string uuid;
            Core.Space.NativeTransform place;

            internal HandOnAll(string uuid)
            {
                this.uuid = uuid;
            }

            public bool IsHolding => true;

            public IReadOnlyCollection<string> Selected => new[] { uuid };

            public bool TryRead(string asked, out Core.Space.NativeTransform read)
            {
                read = place;
                return asked == uuid;
            }

            public void Write(string asked, in Core.Space.NativeTransform written) => place = written;

            public Core.Scene.Entity ReadValue(string asked) => null;

            public bool Preview(Core.Scene.Entity value) => false;

            public void Advance()
            {
            }

            public void EndPreview(string asked)
            {
            }
        }
    }
}
