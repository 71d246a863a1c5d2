using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Shows previews of materials in the renderers that show the materials, and puts back what was there before.</summary>
    public sealed class MaterialPreviewTests : MaterialHarness
    {
        /// <summary>An emission whose strength is in <see cref="Vector4.x"/>.</summary>
        static readonly double[] Glow = { 1, 0.5, 0 };

        double clock;

        [SetUp]
        public void OfferPreviews()
        {
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature);
            clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
        }

        static MaterialPropertyBlock Block(string uuid, int slot = 0)
        {
            MaterialPropertyBlock block = new MaterialPropertyBlock();
            FindRenderer(uuid).GetPropertyBlock(block, slot);
            return block;
        }

        static float Smoothness(string uuid, int slot = 0) => Block(uuid, slot).GetFloat(Names.Smoothness);

        static bool ShowsNone(string uuid) => Block(uuid).isEmpty;

        void Send(string uuid, double roughness, double strength = 0) => Daemon.Send(Messages.Create("preview")
            .With("from", "blender").With("changes", JsonValue.Array(JsonValue.Object().With("uuid", uuid).With("components",
                JsonValue.Object().With("pbr", new PbrComponent(MakePbr(roughness)).ToJson(null))
                    .With("emission", new EmissionComponent(Glow, strength).ToJson(null))))));

        /// <summary>Connects, with two boxes that show the material, in a saved scene and with saved files.</summary>
        Steps Prepare() => Run(ConnectAndSave());

        IEnumerator ConnectAndSave()
        {
            yield return Connect();
            yield return ApplyBoxes(1, Red);
            clock += 2;
            yield return Settle();
            Host.SaveScene(Host.GetScenePath("Boxes"));
            yield return Settle();
        }

        /// <summary>Waits until the tick is over that handled all messages so far.</summary>
        Steps Settle() => Run(WaitForPong());

        IEnumerator WaitForPong()
        {
            Daemon.Send(Messages.Create("ping").With("nonce", 77).With("head_seq", 1).With("editor_state", "ready"));
            yield return Expect("pong");
            yield return null;
        }

        /// <summary>Shows a roughness of 0.125.</summary>
        Steps Show() => Run(SendAndWait());

        IEnumerator SendAndWait()
        {
            Send(Red, 0.125);
            yield return WaitFor(() => Smoothness(BoxA) == 0.875f && Smoothness(BoxB) == 0.875f);
        }

        [UnityTest]
        public IEnumerator ValuesAreShownWithoutATraceAndPutBack()
        {
            yield return Prepare();
            Material red = FindShown(BoxA);
            (byte[] file, int steps) = (ReadFile(red), Host.UndoSteps);
            (float smoothness, Color color, int marks) =
                (red.GetFloat(Names.Smoothness), red.GetColor(Names.BaseColor), EditorUtility.GetDirtyCount(red));
            yield return Show();
            Vector4 shown = Block(BoxA).GetVector(Names.BaseColor);
            Assert.That(new[] { shown.x, shown.y, shown.z, shown.w }, Is.EqualTo(new[] { 0.8f, 0.5f, 0.18f, 1 }).Within(1e-6f),
                "linear, as the shader gets it");
            Assert.That(Block(BoxA).GetFloat(Names.Metallic), Is.EqualTo(1 / 3f));
            Assert.That(Block(BoxA).GetFloat(Names.Cutoff), Is.EqualTo(0.125f));
            Send(Red, 0.5);
            yield return WaitFor(() => Smoothness(BoxA) == 0.5f);
            yield return ExpectNone("intent");
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(Red)));
            yield return WaitFor(() => ShowsNone(BoxA) && ShowsNone(BoxB));
            clock += 2;
            yield return Settle();
            Assert.That((red.GetFloat(Names.Smoothness), red.GetColor(Names.BaseColor)), Is.EqualTo((smoothness, color)));
            Assert.That((EditorUtility.GetDirtyCount(red), Host.UndoSteps), Is.EqualTo((marks, steps)));
            Assert.That(ReadFile(red), Is.EqualTo(file));
            Assert.That(SceneManager.GetActiveScene().isDirty, Is.False);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator PreviewEndsWithASecondOrTheConnection([Values(true, false)] bool isLost)
        {
            yield return Prepare();
            yield return Show();
            clock += 0.9;
            Send(Red, 0.125);
            yield return Settle();
            clock += 0.9;
            yield return Settle();
            Assert.That(Smoothness(BoxA), Is.EqualTo(0.875f), "it was repeated");
            if (isLost) { Daemon.Drop(); }
            else { clock += 0.2; }
            yield return WaitFor(() => ShowsNone(BoxA) && ShowsNone(BoxB));
        }

        [UnityTest]
        public IEnumerator SaveUndoPauseAndReloadEndIt()
        {
            yield return Prepare();
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(FindObject(BoxA), "Rename");
            FindObject(BoxA).name = "Renamed";
            yield return ExpectAccepted(2);
            yield return Show();
            Host.SaveScene(Host.GetScenePath("Boxes"));
            Assert.That(ShowsNone(BoxA), Is.True, "saved");
            yield return Show();
            Undo.PerformUndo();
            Assert.That(ShowsNone(BoxA), Is.True, "undone");
            yield return ExpectAccepted(3);
            yield return Show();
            bool wasNone = false;
            Host.ReloadDomain(() => wasNone = ShowsNone(BoxA));
            Assert.That(wasNone, Is.True, "reloaded");
            yield return Connect();
            yield return Show();
            Bridge.IsEnabled = false;
            Assert.That(ShowsNone(BoxA), Is.True, "paused");
        }

        [UnityTest]
        public IEnumerator GameNeverSeesIt()
        {
            yield return Prepare();
            yield return Show();
            bool wasNone = false;
            System.Action<PlayModeStateChange> look = change => wasNone |= ShowsNone(BoxA);
            EditorApplication.playModeStateChanged += look;
            yield return Run(Host.EnterPlayMode(false));
            EditorApplication.playModeStateChanged -= look;
            Assert.That(wasNone && ShowsNone(BoxA), Is.True);
            yield return Run(Host.ExitPlayMode());
        }

        [UnityTest]
        public IEnumerator EmissionIsShownOnceTheMaterialHasIt()
        {
            yield return Prepare();
            Send(Red, 0.125, 2);
            yield return WaitFor(() => Smoothness(BoxA) == 0.875f);
            Assert.That(Block(BoxA).HasProperty(Names.Emission), Is.False, "the shader has none without its keyword");
            yield return ExpectApplied(Daemon.Apply(2, "Glow", null, MakeChange("update", Red, null,
                JsonValue.Object().With("emission", new EmissionComponent(Glow, 1).ToJson(null)))));
            yield return Settle();
            Send(Red, 0.125, 2);
            yield return WaitFor(() => Smoothness(BoxA) == 0.875f);
            Vector4 shown = Block(BoxA).GetVector(Names.Emission);
            Assert.That((shown.x, shown.y, shown.z), Is.EqualTo((2f, 1f, 0f)));
            Send(Red, 0.25);
            yield return WaitFor(() => Smoothness(BoxA) == 0.75f);
            Assert.That(Block(BoxA).GetVector(Names.Emission).x, Is.EqualTo(0), "it may go out");
        }

        [UnityTest]
        public IEnumerator BatchIsAppliedAndReadBackWithoutIt()
        {
            yield return Prepare();
            yield return Show();
            string batch = Daemon.Apply(2, "Rougher", null, MakePbrChange(Red, MakePbr(0.75)));
            Send(Red, 0.5);
            yield return ExpectApplied(batch);
            Assert.That(ReadPbr(State(0)).Roughness, Is.EqualTo(0.75).Within(1e-6));
            Assert.That(ShowsNone(BoxA), Is.True);
            Assert.That(FindShown(BoxA).GetFloat(Names.Smoothness), Is.EqualTo(0.25f));
        }

        [UnityTest]
        public IEnumerator OnlySlotsWithTheMaterialShowIt()
        {
            yield return Prepare();
            Material red = FindShown(BoxA);
            yield return ExpectApplied(Daemon.Apply(2, "Own", null,
                MakeChange("update", BoxB, null, MakeOwn("{\"0\":\"" + Blue + "\"}"))));
            yield return Settle();
            Send(Red, 0.125);
            yield return WaitFor(() => Smoothness(BoxA) == 0.875f);
            Assert.That(ShowsNone(BoxB), Is.True);
            FindRenderer(BoxA).sharedMaterials = new[] { FindShown(BoxB), red };
            Send(Red, 0.125);
            yield return WaitFor(() => ShowsNone(BoxA) && Smoothness(BoxA, 1) == 0.875f);
        }

        [UnityTest]
        public IEnumerator BlockOfAScriptStays([Values(true, false)] bool isOfASlot)
        {
            yield return Prepare();
            MaterialPropertyBlock scripts = new MaterialPropertyBlock();
            scripts.SetFloat(Names.Metallic, 0.5f);
            if (isOfASlot) { FindRenderer(BoxB).SetPropertyBlock(scripts, 0); }
            else { FindRenderer(BoxB).SetPropertyBlock(scripts); }
            Send(Red, 0.125);
            yield return WaitFor(() => Smoothness(BoxA) == 0.875f);
            Assert.That(ShowsNone(BoxB), Is.Not.EqualTo(isOfASlot));
            Assert.That(Block(BoxB).HasProperty(Names.Smoothness), Is.False);
            FindRenderer(BoxA).SetPropertyBlock(scripts, 0);
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(Red)));
            yield return Settle();
            Assert.That(Block(BoxA).GetFloat(Names.Metallic), Is.EqualTo(0.5f), "it came meanwhile");
        }

        [UnityTest]
        public IEnumerator MaterialWithAnotherShaderShowsNone()
        {
            yield return Prepare();
            Material red = FindShown(BoxA);
            Undo.RecordObject(red, "Shader");
            red.shader = Shader.Find("Unlit/Color");
            Send(Red, 0.125);
            yield return Settle();
            Assert.That(ShowsNone(BoxA), Is.True);
        }

        [UnityTest]
        public IEnumerator DraggedNumberIsPreviewedUntilItIsReleased([Values(true, false)] bool isAsset)
        {
            yield return Prepare();
            Material red = FindShown(BoxA);
            if (isAsset) { Selection.objects = new Object[] { red }; }
            else { Host.Select(FindObject(BoxA).transform); }
            Host.HoldMouse(true);
            yield return null;
            Edit(red, Names.Smoothness, 0.5f);
            yield return Expect("preview");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(Red));
            Assert.That(GetComponents(change).AsObject("").Select(each => each.Key), Is.EquivalentTo(new[] { "pbr", "emission" }));
            Assert.That(ReadPbr(GetComponents(change)).Roughness, Is.EqualTo(0.5).Within(1e-6));
            yield return ExpectNone("intent");
            Host.HoldMouse(false);
            yield return ExpectAccepted(2);
            Assert.That(ReadPbr(Sent(Red)).Roughness, Is.EqualTo(0.5).Within(1e-6));
            Selection.objects = new Object[0];
        }

        [UnityTest]
        public IEnumerator EditOfAShownMaterialEndsThePreview()
        {
            yield return Prepare();
            yield return Show();
            Edit(FindShown(BoxA), Names.Metallic, 0.75f);
            yield return Expect("intent");
            PbrValues sent = ReadPbr(Sent(Red));
            Assert.That((sent.Roughness, sent.Metallic), Is.EqualTo((0.25, 0.75)), "without the preview");
            yield return WaitFor(() => ShowsNone(BoxA));
            yield return Accept(2);
        }

        [Test]
        public void TickLooksAtABoundedNumberOfObjects()
        {
            Material material = new Material(Shader.Find(Names.Name));
            MaterialUsers users = new MaterialUsers();
            MaterialPropertyBlock block = new MaterialPropertyBlock();
            MaterialPreviews previews = new MaterialPreviews(_ => material, _ => block, users);
            Renderer[] renderers = new Renderer[1200];
            for (int i = 0; i < renderers.Length; i++)
            {
                renderers[i] = GameObject.CreatePrimitive(PrimitiveType.Cube).GetComponent<Renderer>();
                renderers[i].sharedMaterials = new[] { material };
                users.Note(renderers[i].gameObject);
            }
            int Count(float value) => renderers.Count(renderer =>
            {
                MaterialPropertyBlock shown = new MaterialPropertyBlock();
                renderer.GetPropertyBlock(shown, 0);
                return !shown.isEmpty && shown.GetFloat("_Shown") == value;
            });
            Entity value = new Entity(Red, Kinds.Material);
            block.SetFloat("_VibeSyncPreview", 1);
            for (int tick = 1; tick <= 3; tick++)
            {
                // A newer value comes with each tick.
                block.SetFloat("_Shown", 1);
                previews.Show(value);
                previews.Advance();
                Assert.That(Count(1), Is.EqualTo(System.Math.Min(1200, 500 * tick)));
            }
            previews.PutBack(Red);
            Assert.That(Count(1), Is.Zero);
        }
    }
}
