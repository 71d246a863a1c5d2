using System;
using System.Collections;
using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Views;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Pictures of the scene, and the selection.</summary>
    public sealed class ViewTests : SyncHarness
    {
        [SetUp]
        public void OfferViews() => Daemon.Features = JsonValue.Array(ViewMessages.Feature);

        void SendView(string look, params string[] frame)
        {
            Daemon.Send(Messages.Create("view").With("request_id", Guid.NewGuid().ToString()).With("look", look)
                .With("frame", MakeList(frame)).With("size", 300).With("deadline_ms", 10000));
        }

        void SendSelect(params string[] uuids)
        {
            Daemon.Send(Messages.Create("select").With("request_id", Guid.NewGuid().ToString())
                .With("uuids", MakeList(uuids)).With("deadline_ms", 10000));
        }

        static JsonValue MakeList(string[] uuids) => JsonValue.Array(Array.ConvertAll(uuids, uuid => (JsonValue)uuid));

        static void RequireGraphics()
        {
            if (SystemInfo.graphicsDeviceType == GraphicsDeviceType.Null) { Assert.Ignore("there is no graphics device"); }
        }

        string ErrorCode => Received.Header.Required("error", "").IsNull ? "" : GetErrorCode(Received.Header);

        List<string> Selected => Received.Header.Required("selected", "").AsArray("").ConvertAll(item => item.AsString(""));

        static int ReadNumber(byte[] png, int at) => png[at] << 24 | png[at + 1] << 16 | png[at + 2] << 8 | png[at + 3];

        /// <summary>Checks signature, size and channels of the picture.</summary>
        void CheckPicture()
        {
            Assert.That(ErrorCode, Is.Empty, JsonWriter.Write(Received.Header));
            byte[] png = Received.Attachments[0];
            Assert.That(png[1] == 'P' && png[2] == 'N' && png[3] == 'G');
            long width = Received.Header.RequiredInteger("width", ""), height = Received.Header.RequiredInteger("height", "");
            Assert.That(ReadNumber(png, 16), Is.EqualTo(width));
            Assert.That(ReadNumber(png, 20), Is.EqualTo(height));
            Assert.That(Math.Max(width, height), Is.EqualTo(300));
            Assert.That(png[24], Is.EqualTo(8), "bits a channel");
        }

        [UnityTest]
        public IEnumerator HelloAcceptsTheFeature()
        {
            yield return Connect();
            Assert.That(Daemon.Hello.Required("features", "").AsArray("").ConvertAll(item => item.AsString("")),
                Is.EqualTo(new[] { "view" }));
        }

        [UnityTest]
        public IEnumerator PictureChangesNeitherTheSceneNorTheUndoHistory([Values("front", "top", "side")] string look)
        {
            RequireGraphics();
            GameObject.CreatePrimitive(PrimitiveType.Cube);
            string path = Host.GetScenePath("Pictured");
            Host.SaveScene(path);
            yield return Connect();
            Host.SaveScene(path);
            int steps = Host.UndoSteps;
            SendView(look);
            yield return Expect("view_result");
            CheckPicture();
            Assert.That(Received.Header.RequiredString("camera", ""), Is.Empty);
            Assert.That(SceneManager.GetActiveScene().isDirty, Is.False);
            Assert.That(Host.UndoSteps, Is.EqualTo(steps));
            Assert.That(RenderTexture.active == null);
            yield return ExpectNone("intent", 0.1);
        }

        [UnityTest]
        public IEnumerator MainCameraIsNamedAndStays()
        {
            RequireGraphics();
            yield return Connect();
            SendView("camera");
            yield return Expect("view_result");
            Assert.That(ErrorCode, Is.EqualTo("VS-9206"), "there is none");
            GameObject eye = new GameObject("Eye") { tag = "MainCamera" };
            Camera camera = eye.AddComponent<Camera>();
            camera.fieldOfView = 33;
            SendView("camera");
            yield return Expect("view_result");
            CheckPicture();
            Assert.That(Received.Header.RequiredString("camera", ""), Is.EqualTo("Eye"));
            Assert.That(camera.targetTexture == null);
            Assert.That(camera.enabled);
            Assert.That(camera.fieldOfView, Is.EqualTo(33));
        }

        [UnityTest]
        public IEnumerator UnknownObjectIsAnErrorWithItsPlace()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            string known = GetUuid(Created), unknown = Guid.NewGuid().ToString();
            Host.Select(Created.transform);
            SendView("front", known, unknown);
            yield return Expect("view_result");
            Assert.That(ErrorCode, Is.EqualTo("VS-3001"));
            Assert.That(Received.Header.Required("error", "").RequiredString("place", ""), Is.EqualTo("frame[1]"));
            Assert.That(Received.Attachments, Is.Empty);
            SendSelect(unknown);
            yield return Expect("select_result");
            Assert.That(ErrorCode, Is.EqualTo("VS-3001"));
            Assert.That(Selection.activeGameObject == Created, "the selection stays");
        }

        [UnityTest]
        public IEnumerator SelectionIsReadBackAndCanBeUndone()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            GameObject first = Created;
            yield return CreateAccepted("B", 2);
            SendSelect(GetUuid(first), GetUuid(Created));
            yield return Expect("select_result");
            Assert.That(Selected, Is.EquivalentTo(new[] { GetUuid(first), GetUuid(Created) }));
            Assert.That(Selection.objects, Is.EquivalentTo(new[] { first, Created }));
            SendSelect();
            yield return Expect("select_result");
            Assert.That(Selected, Is.Empty);
            Assert.That(Selection.objects, Is.Empty);
            Undo.PerformUndo();
            Assert.That(Selection.objects, Is.EquivalentTo(new[] { first, Created }));
            Assert.That(first != null && Created != null, "only the selection was undone");
        }

        [UnityTest]
        public IEnumerator SelectionIsRefusedWhileThePersonDrags()
        {
            yield return Connect();
            yield return CreateAccepted("A", 1);
            Host.HoldMouse(true);
            SendSelect(GetUuid(Created));
            yield return Expect("select_result");
            Assert.That(ErrorCode, Is.EqualTo("VS-9206"));
            Host.HoldMouse(false);
            Assert.That(Selection.objects, Is.Empty);
        }
    }
}
