using System.Collections;
using System.Linq;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that shape keys of a batch are blend shapes, and that edits of weights are sent.</summary>
    public sealed class ShapeTests : ShapeHarness
    {
        [UnityTest]
        public IEnumerator ShapeKeysAreShownAsBlendShapes()
        {
            yield return Connect();
            Assert.That(JsonWriter.Write(Daemon.Hello.Required("components", "")), Does.Contain("\"shapes\",\"shape_values\""));
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            Assert.That(FindObject(OneUuid).GetComponent<MeshFilter>() == null, "the renderer has the mesh itself");
            Assert.That(ReadWeights(OneUuid, OtherUuid), Is.EqualTo(new float[] { 50, 25, 50, 25 }));
            Assert.That(ReadHeights(OneUuid), Is.EqualTo(new[] { 0.25f, 0.5f, 0 }), "B takes a part of A back");
            Assert.That(MakeTwoKeys().Matches(ReadKeys(State(0))), "bases and limits too");
            Assert.That(MakeValues(0.5, 0.25).Matches(ReadValues(State(0))));
            yield return ExpectNone("intent");
            yield return Update(2, MakeValues(3, 0.25));
            Assert.That(ReadWeights(OneUuid, OtherUuid), Is.EqualTo(new float[] { 300, 25, 300, 25 }));
            Assert.That(ReadValues(State(0)).Find("A"), Is.EqualTo(3));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator EditedWeightIsSentAndShownByAllUsers()
        {
            yield return Connect();
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            Undo.RecordObject(FindSkin(OneUuid), "Weight");
            FindSkin(OneUuid).SetBlendShapeWeight(0, 75);
            yield return Expect("intent");
            JsonValue sent = GetComponents(GetChanges(Received).Single());
            Assert.That(ReadValues(sent).Values, Is.EquivalentTo(MakeValues(0.75, 0.25).Values));
            Assert.That(sent.Find("mesh") == null && sent.Find("shapes") == null, "nothing else has changed");
            Assert.That(ReadWeights(OneUuid, OtherUuid), Is.EqualTo(new float[] { 75, 25, 75, 25 }));
            Daemon.Accept(Received, 2);
            Undo.PerformUndo();
            yield return Expect("intent");
            Assert.That(ReadValues(GetComponents(GetChanges(Received)[0])).Find("A"), Is.EqualTo(0.5));
            Assert.That(ReadWeights(OtherUuid), Is.EqualTo(new float[] { 50, 25 }), "the others follow");
        }

        [UnityTest]
        public IEnumerator DuplicateShowsTheWeightsOfTheMesh()
        {
            yield return Connect();
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            GameObject copy = new GameObject("Third");
            SkinnedMeshRenderer skin = copy.AddComponent<SkinnedMeshRenderer>();
            skin.sharedMesh = Shown;
            Undo.RegisterCreatedObjectUndo(copy, "Create");
            yield return Expect("intent");
            Assert.That(GetChanges(Received).Single().RequiredString("op", ""), Is.EqualTo("create"));
            Assert.That(skin.GetBlendShapeWeight(0), Is.EqualTo(50));
            Assert.That(ReadWeights(OneUuid), Is.EqualTo(new float[] { 50, 25 }));
        }

        [UnityTest]
        public IEnumerator RendererChangesWithTheKeysAndKeepsItsMaterials()
        {
            yield return Connect();
            yield return ApplyShapes(null, null);
            GameObject item = FindObject(OneUuid);
            Material mine = new Material(item.GetComponent<MeshRenderer>().sharedMaterials[0].shader);
            item.GetComponent<MeshRenderer>().sharedMaterials = new[] { mine };
            item.GetComponent<MeshRenderer>().receiveShadows = false;
            yield return Update(2, MakeTwoKeys(), MakeValues(0.5, 0));
            Assert.That(item.GetComponent<MeshRenderer>() == null && item.GetComponent<MeshFilter>() == null);
            SkinnedMeshRenderer skin = item.GetComponent<SkinnedMeshRenderer>();
            Assert.That((skin.sharedMesh, skin.sharedMaterials[0], skin.receiveShadows), Is.EqualTo((Shown, mine, false)));
            Assert.That(skin.localBounds.max.z, Is.EqualTo(3).Within(1e-6), "room for all that the keys move");
            yield return Update(3, ShapesComponent.None, ShapeValuesComponent.None);
            MeshRenderer plain = item.GetComponent<MeshRenderer>();
            Assert.That((plain.sharedMaterials[0], plain.receiveShadows), Is.EqualTo((mine, false)));
            Assert.That(item.GetComponent<MeshFilter>().sharedMesh, Is.EqualTo(Shown));
            Assert.That(item.GetComponent<SkinnedMeshRenderer>() == null && GetUuid(item) == OneUuid);
            Assert.That(State(0).Required("shapes", "").RequiredInteger("corner_count", ""), Is.EqualTo(0));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator UndoOfABatchBringsTheFormerRendererBack()
        {
            yield return Connect();
            yield return ApplyShapes(null, null);
            yield return Update(2, MakeTwoKeys(), MakeValues(0.5, 0));
            Undo.PerformUndo();
            Assert.That(FindObject(OneUuid).GetComponent<MeshFilter>().sharedMesh.blendShapeCount, Is.EqualTo(0));
            Assert.That(FindSkin(OneUuid) == null);
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(change.RequiredString("uuid", ""), Is.EqualTo(MeshUuid));
            Assert.That(ReadKeys(GetComponents(change)).IsDefault);
        }

        [UnityTest]
        public IEnumerator MovedVerticesKeepTheBlendShapes()
        {
            yield return Connect();
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            yield return Update(2, MakeTriangle(5));
            Assert.That(Shown.vertices.Select(vertex => vertex.x), Is.EqualTo(new float[] { -5, -6, -5 }));
            Assert.That(ReadMoves(Shown, 1).Select(move => move.z), Is.EqualTo(new float[] { -1, 2, 0 }));
            Assert.That(ReadWeights(OneUuid), Is.EqualTo(new float[] { 50, 25 }));
            Assert.That(MakeTwoKeys().Matches(ReadKeys(State(0))));
            MeshComponent welded = MakeTriangle(5);
            welded.Position = new float[] { 5, 0, 0, 6, 0, 0 };
            welded.Index = new[] { 0, 1, 0 };
            welded.Normal = null;
            welded.Uv[0] = null;
            yield return Update(3, welded);
            Assert.That(Shown.vertexCount, Is.EqualTo(3), "corners that the keys move apart share no vertex");
            Assert.That(MakeTwoKeys().Matches(ReadKeys(State(0))));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator KeysForAnotherMeshAreRefused()
        {
            yield return Connect();
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            ShapesComponent two = new ShapesComponent(new[] { new ShapeKey("A") }, 1, new int[6], new[] { new float[3] });
            yield return Update(2, two);
            Assert.That(GetErrorCode(Results[0]), Is.EqualTo("VS-3005"));
            Assert.That(MakeTwoKeys().Matches(ReadKeys(State(0))), "the mesh is as before");
        }

        [UnityTest]
        public IEnumerator FileAndSceneHoldKeysAndWeightsOverAReload()
        {
            yield return Connect();
            yield return ApplyShapes(MakeTwoKeys(), MakeValues(0.5, 0.25));
            string path = Host.GetScenePath("Scene");
            Host.SaveScene(path);
            Host.OpenScene(path);
            yield return Connect();
            Assert.That(ReadWeights(OneUuid, OtherUuid), Is.EqualTo(new float[] { 50, 25, 50, 25 }));
            Assert.That(ReadMoves(Shown, 1).Select(move => move.z), Is.EqualTo(new float[] { -1, 2, 0 }));
            yield return ExpectNone("intent");
            Host.ReloadDomain();
            yield return Connect();
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator BlendShapesOfTheUsersMeshAreSent()
        {
            yield return Connect();
            Mesh mine = new Mesh { name = "Mine" };
            MeshArrays.FromCanonical(MakeTriangle(0)).WriteTo(mine);
            Vector3[] half = { new Vector3(1, 0, 0), default, default };
            Vector3[] full = { new Vector3(4, 0, 0), default, default };
            mine.AddBlendShapeFrame("Open", 50, half, null, null);
            mine.AddBlendShapeFrame("Open", 200, full, null, null);
            GameObject item = new GameObject("Mine");
            item.AddComponent<SkinnedMeshRenderer>().sharedMesh = mine;
            item.GetComponent<SkinnedMeshRenderer>().SetBlendShapeWeight(0, 2000);
            Undo.RegisterCreatedObjectUndo(item, "Create");
            yield return Expect("intent");
            JsonValue sent = GetComponents(GetChanges(Received).Single(each => each.RequiredString("kind", "") == "mesh"));
            ShapesComponent keys = ReadKeys(sent);
            Assert.That((keys.Keys[0].Name, keys.Delta[0][keys.Vertex[0] * 3]), Is.EqualTo(("Open", -2f)), "the last frame, as at 100");
            Assert.That(ReadValues(sent).Find("Open"), Is.EqualTo(10), "the largest weight");
            Assert.That(Host.Log.Any(line => line.Contains("blend shapes of several frames")));
            Daemon.Accept(Received, 1);
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator NeededFilterStaysAndShowsNoKeys()
        {
            yield return Connect();
            yield return ApplyShapes(null, null);
            GameObject item = FindObject(OneUuid);
            item.AddComponent<NeedsFilter>();
            yield return Update(2, MakeTwoKeys(), MakeValues(0.5, 0));
            Assert.That(item.GetComponent<MeshFilter>().sharedMesh, Is.EqualTo(Shown));
            Assert.That(ReadWeights(OtherUuid), Is.EqualTo(new float[] { 50, 0 }));
            Assert.That(ReadValues(State(0)).Find("A"), Is.EqualTo(0.5));
        }

        [RequireComponent(typeof(MeshFilter))]
        sealed class NeedsFilter : MonoBehaviour
        {
        }
    }
}
