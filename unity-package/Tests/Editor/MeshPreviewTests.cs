using System.Collections;
using System.Collections.Generic;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that vertices which a person moves in the other editor are shown, leave no trace and are put back.</summary>
    public sealed class MeshPreviewTests : PreviewHarness
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";
        const string ObjectUuid = "01920000-0000-7000-8000-00000000000a";

        /// <summary>The X of the moved vertex, on the wire.</summary>
        const float Moved = 2.5f;

        static Mesh Shown => new MeshRecords().Find(MeshUuid).Mesh;

        /// <summary>The X of the two vertices of Unity that stand for the moved one; each has another normal.</summary>
        static List<float> MovedXs => Shown.vertices.Where(vertex => vertex.y == 7).Select(vertex => vertex.x).ToList();

        static readonly float[] AsShown = { -Moved, -Moved };

        static readonly float[] AsBefore = { -1, -1 };

        [SetUp]
        public void OfferMeshPreviews() =>
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature, PreviewMessages.FeatureOfMeshes);

        /// <summary>Returns two triangles with an edge in common, and a normal for each.</summary>
        static MeshComponent MakeRoof(float x = 1)
        {
            MeshComponent mesh = new MeshComponent
            {
                Position = new float[] { 0, 0, 0, x, 7, 0, 0, 1, 0, 0, 0, 3 },
                Index = new[] { 0, 1, 2, 1, 0, 3 },
                Normal = new float[18],
            };
            for (int corner = 0; corner < 6; corner++) { mesh.Normal[corner * 3 + (corner < 3 ? 2 : 1)] = 1; }
            mesh.Submeshes.Add(new Submesh(0, 0, 6));
            return mesh;
        }

        static string GetAddress(int seq) => seq.ToString("x64");

        /// <summary>Applies the roof, whose positions have the address of this number.</summary>
        Steps ApplyRoof(int seq, string op = "create", float x = 1)
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue content = MakeMesh("Roof", MakeRoof(x), attachments);
            content.Required("mesh", "").Required("buffers", "").Required("position", "").With("blob", GetAddress(seq));
            JsonValue change = MakeChange(op, MeshUuid, op == "create" ? "mesh" : null, content);
            JsonValue shower = MakeChange("create", ObjectUuid, "object",
                MakeObject("Shower", null, MeshUuid, MakeTransform(0, 0, 0)));
            return ExpectApplied(op == "create" ? Daemon.Apply(seq, "Roof", attachments, change, shower)
                : Daemon.Apply(seq, "Roof", attachments, change));
        }

        /// <summary>Returns a patch that sets one word of the positions.</summary>
        static byte[] MakePatch(int word, float value) =>
            LittleEndian.ToBytes(new[] { 1, word, 1 }).Concat(LittleEndian.ToBytes(new[] { value })).ToArray();

        void SendPositions(byte[] patch, int basis = 1, long bytes = 48)
        {
            JsonValue positions = JsonValue.Object().With("base", GetAddress(basis)).With("bytes", bytes)
                .With("attachment", 0);
            JsonValue change = JsonValue.Object().With("uuid", MeshUuid).With("components", JsonValue.Object())
                .With("positions", positions);
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(change)),
                new List<byte[]> { patch });
        }

        /// <summary>Connects, with the roof in a saved scene.</summary>
        Steps ConnectWithRoof() => Run(ConnectAndApply());

        IEnumerator ConnectAndApply()
        {
            yield return Connect();
            yield return ApplyRoof(1);
            yield return ExpectNone("intent");
            Host.SaveScene(Host.GetScenePath("Roof"));
        }

        Steps ShowRoof() => Run(SendAndShow());

        IEnumerator SendAndShow()
        {
            SendPositions(MakePatch(3, Moved));
            yield return WaitFor(() => MovedXs.SequenceEqual(AsShown));
        }

        Steps ExpectPutBack() => WaitFor(() => MovedXs.SequenceEqual(AsBefore));

        [UnityTest]
        public IEnumerator FeatureIsAcceptedOnlyIfItIsOffered([Values(true, false)] bool isOffered)
        {
            if (!isOffered) { Daemon.Features = JsonValue.Array(PreviewMessages.Feature); }
            yield return Connect();
            string features = JsonWriter.Write(Daemon.Hello.Find("features"));
            Assert.That(features.Contains("mesh_previews"), Is.EqualTo(isOffered));
        }

        [UnityTest]
        public IEnumerator VerticesAreShownWithoutATrace()
        {
            yield return ConnectWithRoof();
            (Vector3[] before, int steps) = (Shown.vertices, Host.UndoSteps);
            Clock += 5;
            yield return Settle();
            Assert.That(EditorUtility.IsDirty(Shown), Is.False);
            yield return ShowRoof();
            Assert.That(Shown.vertices.Where(vertex => vertex.y != 7), Is.EqualTo(before.Where(vertex => vertex.y != 7)));
            Assert.That(EditorUtility.IsDirty(Shown), Is.False);
            Assert.That(UnityEngine.SceneManagement.SceneManager.GetActiveScene().isDirty, Is.False);
            yield return ExpectNone("intent");
            SendPositions(MakePatch(5, 9));
            yield return WaitFor(() => Shown.vertices.Count(vertex => vertex.z == 9) == 2);
            Assert.That(MovedXs, Is.EqualTo(AsBefore), "each preview has all differences from the base");
            Daemon.Send(Messages.Create("preview_end").With("uuids", JsonValue.Array(MeshUuid)));
            yield return WaitFor(() => Shown.vertices.SequenceEqual(before));
            Assert.That(EditorUtility.IsDirty(Shown), Is.False);
            Assert.That(Host.UndoSteps, Is.EqualTo(steps));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator VerticesOfAnotherBaseAreIgnored()
        {
            yield return ConnectWithRoof();
            SendPositions(MakePatch(3, Moved), 2);
            yield return Settle();
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            yield return ApplyRoof(2, "update", 4);
            SendPositions(MakePatch(3, Moved), 1);
            yield return Settle();
            Assert.That(MovedXs, Is.EqualTo(new float[] { -4, -4 }));
            SendPositions(MakePatch(3, Moved), 2);
            yield return WaitFor(() => MovedXs.SequenceEqual(AsShown));
        }

        [UnityTest]
        public IEnumerator UnsoundVerticesAreIgnored()
        {
            yield return ConnectWithRoof();
            SendPositions(MakePatch(3, float.NaN));
            yield return Settle();
            SendPositions(MakePatch(12, 1));
            yield return Settle();
            SendPositions(new byte[3]);
            yield return Settle();
            SendPositions(MakePatch(3, Moved), 1, 36);
            yield return Settle();
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            Assert.That(Bridge.Status.State, Is.EqualTo("connected"));
            yield return ShowRoof();
        }

        [UnityTest]
        public IEnumerator MeshThatTheUserChangedShowsNone()
        {
            yield return ConnectWithRoof();
            MeshPreviews previews = new MeshPreviews(new MeshRecords());
            MeshComponent received = MakeRoof();
            received.Blobs["position"] = GetAddress(1);
            previews.Bases.Keep(MeshUuid, received, MeshArrays.FromCanonical(received));
            PreviewedPositions value = new PreviewedPositions(GetAddress(1), 48, MakePatch(3, Moved));
            Assert.That(previews.Show(MeshUuid, value), Is.True);
            previews.End(MeshUuid);
            Vector3[] vertices = Shown.vertices;
            vertices[0] = new Vector3(5, 5, 5);
            Shown.vertices = vertices;
            Assert.That(previews.Show(MeshUuid, value), Is.False);
            Assert.That(Shown.vertices, Is.EqualTo(vertices));
        }

        [UnityTest]
        public IEnumerator VerticesArePutBack([Values("silence", "connection", "pause", "save", "open", "undo")] string how)
        {
            yield return ConnectWithRoof();
            string path = Host.GetScenePath("Roof");
            yield return ShowRoof();
            switch (how)
            {
                case "silence": Clock += 1.1; break;
                case "connection": Daemon.Drop(); break;
                case "pause": Bridge.IsEnabled = false; break;
                case "save": Host.SaveScene(path); break;
                case "open": Host.OpenScene(path); break;
                default: Undo.PerformUndo(); Undo.PerformRedo(); break;
            }
            yield return ExpectPutBack();
        }

        [UnityTest]
        public IEnumerator GameAndReloadNeverSeeThem([Values(true, false)] bool reloads)
        {
            yield return ConnectWithRoof();
            yield return ShowRoof();
            yield return Run(Host.EnterPlayMode(reloads));
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            yield return Run(Host.ExitPlayMode());
            Clock += 1;
            yield return Sync();
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
        }

        [UnityTest]
        public IEnumerator FileOfTheMeshNeverHoldsThem()
        {
            yield return ConnectWithRoof();
            EditorUtility.SetDirty(Shown);
            yield return ApplyName("Roof 2", 2);
            yield return ShowRoof();
            Assert.That(EditorUtility.IsDirty(Shown), Is.True);
            Clock += 0.6;
            yield return ShowRoof();
            SendPositions(MakePatch(3, Moved));
            yield return Settle();
            Clock += 0.6;
            yield return WaitFor(() => !EditorUtility.IsDirty(Shown));
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            yield return ShowRoof();
        }

        [UnityTest]
        public IEnumerator SavedProjectNeverHoldsThem()
        {
            yield return ConnectWithRoof();
            yield return ShowRoof();
            Mesh mesh = Shown;
            EditorUtility.SetDirty(mesh);
            AssetDatabase.SaveAssetIfDirty(mesh);
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            AssetDatabase.ImportAsset(AssetDatabase.GetAssetPath(mesh));
            Assert.That(MovedXs, Is.EqualTo(AsBefore), "the file has them");
        }

        Steps ApplyName(string name, long seq) => ExpectApplied(Daemon.Apply(seq, "Name", new List<byte[]>(),
            MakeChange("update", MeshUuid, null, JsonValue.Object().With("name", name))));

        [UnityTest]
        public IEnumerator BatchAndReadBackNeverSeeThem()
        {
            yield return ConnectWithRoof();
            yield return ShowRoof();
            yield return ApplyName("Roof 2", 2);
            Assert.That(MovedXs, Is.EqualTo(AsBefore), "the batch ends the preview");
            JsonValue mesh = GetComponents(Results[0].Required("state", "")).Required("mesh", "");
            MeshComponent read = MeshReader.Read(mesh, Received.Attachments, "");
            Assert.That(read.Matches(MakeRoof()), Is.True);
            yield return ShowRoof();
        }

        [UnityTest]
        public IEnumerator MeshIsReadWithoutThemForAnIntent()
        {
            yield return ConnectWithRoof();
            yield return ShowRoof();
            Undo.RecordObject(Shown, "Rename");
            Shown.name = "Mine";
            yield return Expect("intent");
            JsonValue components = GetComponents(GetChanges(Received)[0]);
            Assert.That(components.Find("name"), Is.Not.Null);
            Assert.That(components.Find("mesh"), Is.Null);
        }

        [UnityTest]
        public IEnumerator HeldObjectShowsNone()
        {
            yield return ConnectWithRoof();
            yield return ShowRoof();
            Host.Select(FindObject(ObjectUuid).transform);
            Host.HoldMouse(true);
            yield return ExpectPutBack();
            SendPositions(MakePatch(3, Moved));
            yield return Settle();
            Assert.That(MovedXs, Is.EqualTo(AsBefore));
            Host.HoldMouse(false);
            Host.Select();
            yield return ShowRoof();
        }
    }
}
