using System;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.Rendering;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Core.Views;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Checks what pictures show. Only on the fakes, which draw each object as a rectangle of one color, and whose views, color
    /// space and graphics device a test can set.
    /// </summary>
    public sealed class ViewPictureTests : BridgeHarness
    {
        static readonly Color Red = new Color(1, 0, 0, 1);
        static readonly Color Green = new Color(0, 1, 0, 1);

        int width;
        int height;
        byte[] pixels;

        Frame result;

        [SetUp]
        public void OfferViews() => Daemon.Features = JsonValue.Array(ViewMessages.Feature);

        [TearDown]
        public void CheckThatNothingIsLeft()
        {
            Assert.That(Canvas.Borrowed, Is.EqualTo(0), "targets");
            Assert.That(RenderTexture.active == null);
        }

        void Ask(string look, int size = 256, long deadline = 10000, params GameObject[] frame)
        {
            JsonValue uuids = JsonValue.Array(frame.Select(item => (JsonValue)GetUuid(item)).ToArray());
            Daemon.Send(Messages.Create("view").With("request_id", Guid.NewGuid().ToString()).With("look", look)
                .With("frame", uuids).With("size", size).With("deadline_ms", deadline));
        }

        void Draw(string look, int size = 256, params GameObject[] frame)
        {
            Ask(look, size, 10000, frame);
            result = Daemon.Expect("view_result", RunFrame);
            Assert.That(result.Header.Required("error", "").IsNull, JsonWriter.Write(result.Header));
            (width, height, pixels) = Png.Decode(result.Attachments[0]);
            Assert.That(width, Is.EqualTo(result.Header.RequiredInteger("width", "")));
            Assert.That(height, Is.EqualTo(result.Header.RequiredInteger("height", "")));
        }

        string Refusal(string look)
        {
            Ask(look);
            Frame refused = Daemon.Expect("view_result", RunFrame);
            Assert.That(refused.Attachments, Is.Empty);
            Assert.That(refused.Header.RequiredInteger("width", ""), Is.EqualTo(0));
            return GetErrorCode(refused.Header);
        }

        static GameObject MakeCube(string name, float x, float y, float z, Color paint)
        {
            GameObject cube = GameObject.CreatePrimitive(PrimitiveType.Cube);
            cube.name = name;
            cube.transform.localPosition = new Vector3(x, y, z);
            Canvas.Paint(cube, paint);
            return cube;
        }

        /// <summary>Connects, and waits until the daemon has the objects that are in the scene.</summary>
        void ConnectWithObjects()
        {
            Connect();
            Daemon.Accept(Daemon.Expect("intent", RunFrame), 1);
            WaitFor(() => Bridge.Status.Pending == 0);
        }

        /// <summary>Returns the middle of the pixels of a color, from (0, 0) at the left and top to (1, 1); null without any.</summary>
        Vector2? Find(Color color)
        {
            List<int> found = Enumerable.Range(0, width * height).Where(i =>
                pixels[i * 3] == color.r * 255 && pixels[i * 3 + 1] == color.g * 255 && pixels[i * 3 + 2] == color.b * 255).ToList();
            if (found.Count == 0) { return null; }
            return new Vector2((float)found.Average(i => i % width) / width, (float)found.Average(i => i / width) / height);
        }

        // Blender's +X is Unity's -X, its +Y is -Z, and its +Z is +Y.
        [TestCase("front", -4, 0, 0, 1, 0)]
        [TestCase("front", 0, 4, 0, 0, -1)]
        [TestCase("top", -4, 0, 0, 1, 0)]
        [TestCase("top", 0, 0, -4, 0, -1)]
        [TestCase("side", 0, 0, -4, 1, 0)]
        [TestCase("side", 0, 4, 0, 0, -1)]
        public void LookShowsTheSceneAsBlenderDoes(string look, float x, float y, float z, int right, int down)
        {
            MakeCube("Origin", 0, 0, 0, Red);
            MakeCube("Moved", x, y, z, Green);
            ConnectWithObjects();
            Draw(look);
            Vector2 from = Find(Red).Value, to = Find(Green).Value;
            Assert.That(Math.Abs(to.x - from.x) < 0.02 ? 0 : Math.Sign(to.x - from.x), Is.EqualTo(right));
            Assert.That(Math.Abs(to.y - from.y) < 0.02 ? 0 : Math.Sign(to.y - from.y), Is.EqualTo(down));
            Assert.That(Math.Max(width, height), Is.EqualTo(256));
        }

        [TestCase("front", 0, 0, 4)]
        [TestCase("top", 0, 4, 0)]
        [TestCase("side", -4, 0, 0)]
        public void NearerObjectCoversTheFartherOne(string look, float x, float y, float z)
        {
            MakeCube("Origin", 0, 0, 0, Red);
            MakeCube("Before", x, y, z, Green);
            ConnectWithObjects();
            Draw(look);
            Assert.That(Find(Green), Is.Not.Null);
            Assert.That(Find(Red), Is.Null);
        }

        [Test]
        public void FrameShowsTheNamedObjectsLarge()
        {
            GameObject near = MakeCube("Near", 0, 0, 0, Red);
            MakeCube("Far", 100, 0, 0, Green);
            ConnectWithObjects();
            Draw("front");
            Assert.That(Find(Green), Is.Not.Null, "everything is shown");
            Draw("front", 256, near);
            Assert.That(Find(Green), Is.Null);
            Assert.That(Find(Red).Value.x, Is.EqualTo(0.5).Within(0.02));
            GameObject empty = CreateAccepted("Empty", 2);
            empty.transform.localPosition = new Vector3(100, 0, 0);
            Draw("front", 256, empty);
            Assert.That(Find(Green), Is.Not.Null, "an object without a mesh has a place");
        }

        [Test]
        public void ViewKeepsTheDirectionOfTheSceneView()
        {
            GameObject cube = MakeCube("Cube", 0, 0, 30, Red);
            ConnectWithObjects();
            Assert.That(Refusal("view"), Is.EqualTo("VS-9206"), "no scene view is open");
            Camera view = UnityFakes.Editor.ShowSceneView();
            view.transform.localPosition = new Vector3(7, 0, 0);
            view.aspect = 2;
            Draw("view");
            Assert.That((width, height), Is.EqualTo((256, 128)));
            Assert.That(Find(Red).Value.x, Is.LessThan(0.45), "the view looks along +Z, beside the cube");
            Draw("view", 256, cube);
            Assert.That(Find(Red).Value.x, Is.EqualTo(0.5).Within(0.02));
            view.orthographic = true;
            Draw("view", 256, cube);
            Assert.That(Find(Red).Value.x, Is.EqualTo(0.5).Within(0.02));
            Assert.That(view.transform.localPosition.x, Is.EqualTo(7), "the person's view stays");
            Assert.That(view.targetTexture == null);
            Canvas.HideInSceneViews(cube);
            Draw("view", 256, cube);
            Assert.That(Find(Red), Is.Null, "the person has hidden it in the view");
        }

        [Test]
        public void MatrixOfTheSourceDoesNotOverruleAFrame()
        {
            GameObject cube = MakeCube("Cube", 50, 0, 30, Red);
            ConnectWithObjects();
            UnityFakes.Editor.SetMatrix(UnityFakes.Editor.ShowSceneView());
            Draw("view", 256, cube);
            Assert.That(Find(Red), Is.Not.Null);
        }

        [Test]
        public void MainCameraFillsThePictureWhateverItsPartOfTheScreen()
        {
            MakeCube("Cube", 0, 0, 10, Red);
            GameObject eye = new GameObject("Eye") { tag = "MainCamera" };
            eye.AddComponent<Camera>().rect = new Rect(0.5f, 0.5f, 0.5f, 0.5f);
            ConnectWithObjects();
            Draw("camera");
            Assert.That(Find(Red).Value.x, Is.EqualTo(0.5).Within(0.02));
        }

        [TestCase(true)]
        [TestCase(false)]
        public void PixelsAreInSrgbInBothColorSpaces(bool isLinear)
        {
            Canvas.IsLinear = isLinear;
            MakeCube("Cube", 0, 0, 0, new Color(0.5f, 0.5f, 0.5f, 1));
            ConnectWithObjects();
            Draw("front");
            int middle = pixels[(height / 2 * width + width / 2) * 3];
            Assert.That(middle, Is.EqualTo(isLinear ? 186 : 128).Within(1));
            Assert.That(pixels[0], Is.EqualTo(64).Within(1), "the background is the same gray");
        }

        [Test]
        public void PictureOfManyBytesIsMadeSmaller()
        {
            Canvas.IsNoise = true;
            MakeCube("Cube", 0, 0, 0, Red);
            ConnectWithObjects();
            Draw("front", 1280);
            Assert.That(result.Attachments[0].Length, Is.LessThanOrEqualTo(4 << 20));
            Assert.That(Canvas.Drawn, Is.EqualTo(2));
            Assert.That(width, Is.EqualTo(960));
        }

        [Test]
        public void NothingIsLeftAfterAPictureOrAFailure()
        {
            MakeCube("Cube", 0, 0, 0, Red);
            ConnectWithObjects();
            UnityFakes.Editor.ShowSceneView();
            int objects = Engine.LoadedCount;
            int steps = UnityFakes.Editor.UndoGroups;
            Draw("view");
            Draw("top");
            Faults.BreaksDrawing = true;
            Assert.That(Refusal("view"), Is.EqualTo("VS-9206"));
            Assert.That(Engine.LoadedCount, Is.EqualTo(objects));
            Assert.That(UnityFakes.Editor.UndoGroups, Is.EqualTo(steps));
            Assert.That(Bridge.Status.State, Is.EqualTo("connected"));
            Daemon.ExpectNone("intent", RunFrame, 0.1);
        }

        [Test]
        public void EditorThatIsNotAbleSaysSo()
        {
            MakeCube("Cube", 0, 0, 0, Red);
            ConnectWithObjects();
            UnityFakes.Editor.ShowSceneView();
            Canvas.Device = GraphicsDeviceType.Null;
            Assert.That(Refusal("front"), Is.EqualTo("VS-9206"));
            Canvas.Device = GraphicsDeviceType.Vulkan;
            UnityFakes.Editor.SetCompiling(true);
            Assert.That(Refusal("front"), Is.EqualTo("VS-9206"));
            UnityFakes.Editor.SetCompiling(false);
            UnityFakes.Editor.SetPrefabStage(true);
            Assert.That(Refusal("view"), Is.EqualTo("VS-9206"));
            UnityFakes.Editor.SetPrefabStage(false);
            UnityFakes.Editor.SetPlaying(true, false);
            Assert.That(Refusal("front"), Is.EqualTo("VS-9206"));
            Assert.That(Canvas.Drawn, Is.EqualTo(0));
        }

        [Test]
        public void PictureWaitsForABatch()
        {
            Connect();
            // More than one tick can apply.
            JsonValue[] made = Enumerable.Range(0, 3000).Select(i => MakeChange("create", Guid.NewGuid().ToString(), "object",
                MakeObject("Object " + i, null, null, MakeTransform(i, 0, 0)))).ToArray();
            Daemon.Apply(1, "agent: make", null, made);
            Ask("front");
            List<string> order = new List<string>();
            WaitFor(() =>
            {
                if (Daemon.TryReceive(out Frame frame)) { order.Add(frame.Type); }
                return order.Contains("view_result") && order.Contains("applied");
            }, 60);
            Assert.That(order.IndexOf("applied"), Is.LessThan(order.IndexOf("view_result")));
        }

        [Test]
        public void PictureThatCannotWaitLongerIsRefused()
        {
            MakeCube("Cube", 0, 0, 0, Red);
            ConnectWithObjects();
            Ask("front", 256, 0);
            Assert.That(GetErrorCode(Daemon.Expect("view_result", RunFrame).Header), Is.EqualTo("VS-9206"));
            Assert.That(Canvas.Drawn, Is.EqualTo(0));
        }
    }
}
