using System.Collections;
using System.Collections.Generic;
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
    /// <summary>Tests the generated objects that show instances of collections.</summary>
    public sealed class InstanceTests : SyncHarness
    {
        const string Trees = "01920000-0000-7000-8000-0000000000f1";
        const string Forest = "01920000-0000-7000-8000-0000000000f2";
        const string MeshUuid = "01920000-0000-7000-8000-0000000000e1";
        const string Tree = "01920000-0000-7000-8000-0000000000a1";
        const string Branch = "01920000-0000-7000-8000-0000000000a2";
        const string Copy = "01920000-0000-7000-8000-0000000000b1";
        const string Outer = "01920000-0000-7000-8000-0000000000b2";

        [UnityTest]
        public IEnumerator InstanceShowsItsMembersAtItsPlace()
        {
            yield return Connect();
            yield return ApplyTrees();
            Transform holder = Shown(Copy).Single();
            Assert.That((holder.gameObject.name, holder.localPosition), Is.EqualTo(("Trees", new Vector3(1, 0, 0))), "minus the offset");
            Transform tree = holder.GetChild(0);
            Assert.That((tree.gameObject.name, tree.localPosition), Is.EqualTo(("Tree", new Vector3(-3, 0, 0))));
            Assert.That(tree.TransformPoint(default), Is.EqualTo(new Vector3(-2, 5, 0)));
            Assert.That(Mesh(tree) == Mesh(FindObject(Tree).transform));
            Assert.That(tree.GetComponent<MeshRenderer>().sharedMaterials,
                Is.EqualTo(FindObject(Tree).GetComponent<MeshRenderer>().sharedMaterials));
            Transform branch = tree.GetChild(0);
            Assert.That((branch.localScale, Mesh(branch) == null), Is.EqualTo((new Vector3(1, 2, 1), false)));
            Assert.That((tree.gameObject.hideFlags & HideFlags.NotEditable) != 0, "read only");
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator CollectionsAndInstancesAreReadBackAndKept()
        {
            yield return Connect();
            yield return ApplyTrees();
            JsonValue State(string uuid) => Results.Single(each => each.RequiredString("uuid", "") == uuid)
                .Required("state", "").Required("components", "");
            Assert.That(JsonWriter.Write(State(Trees).Required("collection", "")), Is.EqualTo(JsonWriter.Write(MakeTrees())));
            Assert.That(State(Copy).Required("instance", "").RequiredString("of", ""), Is.EqualTo(Trees));
            Assert.That(JsonWriter.Write(State(Tree).Required("collections", "")), Is.EqualTo(JsonWriter.Write(In(Trees))));
            yield return ExpectApplied(Daemon.Apply(2, "Rename", null, MakeChange("update", Trees, null, MakeName("Wood"))));
            Assert.That(JsonWriter.Write(State(Trees).Required("collection", "")), Is.EqualTo(JsonWriter.Write(MakeTrees())));
            yield return WaitFor(() => Shown(Copy).Single().gameObject.name == "Wood");
        }

        [UnityTest]
        public IEnumerator InstanceShowsTheShapeKeysOfItsMembers()
        {
            yield return Connect();
            yield return ApplyTrees();
            List<byte[]> attachments = new List<byte[]>();
            ShapesComponent keys = new ShapesComponent(new[] { new ShapeKey("A") }, 1, new int[3], new[] { new float[] { 0, 0, 1 } });
            JsonValue values = JsonReader.Read("{\"values\":{\"A\":0.5}}");
            yield return ExpectApplied(Daemon.Apply(2, "Keys", attachments, MakeChange("update", MeshUuid, null,
                JsonValue.Object().With("shapes", keys.ToJson(attachments)).With("shape_values", values))));
            SkinnedMeshRenderer Skin() => Shown(Copy).Single().GetChild(0).GetComponent<SkinnedMeshRenderer>();
            yield return WaitFor(() => Skin() != null);
            Assert.That((Skin().GetBlendShapeWeight(0), Skin().GetComponent<MeshFilter>() == null), Is.EqualTo((50f, true)));
            Assert.That(Skin().sharedMesh, Is.EqualTo(MeshHolder.Find(FindObject(Tree))));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator InstanceFollowsMembersThatChangeComeAndGo()
        {
            yield return Connect();
            yield return ApplyTrees();
            Undo.RecordObject(FindObject(Tree).transform, "Move");
            FindObject(Tree).transform.localPosition = new Vector3(7, 0, 0);
            yield return WaitFor(() => Shown(Copy).Single().GetChild(0).localPosition.Equals(new Vector3(7, 0, 0)));
            yield return Expect("intent");
            Daemon.Accept(Received, 2);
            yield return ExpectApplied(Daemon.Apply(3, "Take out", null,
                MakeChange("update", Branch, null, JsonValue.Object().With("collections", In())),
                MakeChange("update", Outer, null, JsonValue.Object().With("collections", In(Trees)))));
            yield return WaitFor(() => Names(Copy) == "Trees,Tree,Outer");
            yield return ExpectApplied(Daemon.Apply(4, "Nothing", null, MakeChange("update", Copy, null,
                JsonValue.Object().With("instance", Of(null)))));
            yield return WaitFor(() => Shown(Copy).Count == 0);
        }

        [UnityTest]
        public IEnumerator HiddenCollectionShowsNothingAndAHiddenMemberIsShown()
        {
            yield return Connect();
            yield return ApplyTrees();
            yield return ExpectApplied(Daemon.Apply(2, "Hide", null,
                MakeChange("update", Tree, null, JsonValue.Object().With("visibility", JsonValue.Object().With("visible", false))
                    .With("name", "Hidden"))));
            yield return WaitFor(() => Names(Copy) == "Trees,Hidden,Branch");
            Transform hidden = Shown(Copy).Single().GetChild(0);
            Assert.That((FindObject(Tree).activeSelf, hidden.gameObject.activeSelf, Mesh(hidden) != null),
                Is.EqualTo((false, true, true)), "instances show what the eye hides, as in Blender");
            yield return ExpectApplied(Daemon.Apply(3, "Hide all", null, MakeChange("update", Trees, null,
                JsonValue.Object().With("collection", MakeTrees(true)))));
            yield return WaitFor(() => Shown(Copy).Single().gameObject.GetComponentsInChildren<MeshRenderer>(true).Length == 0);
            // An object is shown if any collection that is not hidden leads to it.
            yield return ExpectApplied(Daemon.Apply(4, "Other", null,
                MakeChange("create", Forest, "collection", MakeName("Forest").With("collection", MakeCollection(0, false))),
                MakeChange("update", Trees, null, JsonValue.Object().With("collection", MakeTrees(true)
                    .With("parents", JsonValue.Array(Forest)))),
                MakeChange("update", Branch, null, JsonValue.Object().With("collections", In(Trees, Forest))),
                MakeChange("update", Copy, null, JsonValue.Object().With("instance", Of(Forest)))));
            yield return WaitFor(() => Names(Copy) == "Forest,Hidden,Branch");
            Assert.That(Shown(Copy).Single().gameObject.GetComponentsInChildren<MeshRenderer>(true).Select(each => each.gameObject.name),
                Is.EqualTo(new[] { "Branch" }));
        }

        [UnityTest]
        public IEnumerator InstancesInsideEachOtherEndAtACircle()
        {
            yield return Connect();
            yield return ApplyTrees();
            // The daemon refuses a circle; a scene file may have one all the same.
            yield return ExpectApplied(Daemon.Apply(2, "Nest", null, MakeChange("create", Forest, "collection",
                MakeName("Forest").With("collection", MakeCollection(0, false))),
                MakeChange("update", Copy, null, JsonValue.Object().With("collections", In(Forest))),
                MakeChange("update", Outer, null, JsonValue.Object().With("instance", Of(Forest)).With("collections", In(Forest)))));
            yield return WaitFor(() => Shown(Outer).Count == 1);
            yield return WaitFor(() => Names(Outer).Contains("Tree"));
            Assert.That(Shown(Outer).Single().Child("Copy").GetChild(0).Child("Tree").TransformPoint(default),
                Is.EqualTo(new Vector3(-2, 5, 0)));
            Assert.That(Shown(Outer).Single().Child("Outer").childCount, Is.EqualTo(0), "it shows itself no further");
        }

        [UnityTest]
        public IEnumerator EditsOfWhatAnInstanceShowsAreToldOnceAndUndone()
        {
            yield return Connect();
            yield return ApplyTrees();
            Transform tree = Shown(Copy).Single().GetChild(0);
            tree.localPosition = new Vector3(9, 9, 9);
            yield return WaitFor(() => tree.localPosition.Equals(new Vector3(-3, 0, 0)));
            Undo.DestroyObjectImmediate(tree.gameObject);
            yield return WaitFor(() => Names(Copy) == "Trees,Tree,Branch");
            Undo.PerformUndo();
            yield return WaitFor(() => Names(Copy) == "Trees,Tree,Branch");
            Assert.That(Host.Log.Count(line => line.Contains("edits of objects that an instance")), Is.EqualTo(1));
            yield return ExpectNone("intent");
        }

        [UnityTest]
        public IEnumerator ObjectThatIsPutBelowAGeneratedOneMovesOut()
        {
            yield return Connect();
            yield return ApplyTrees();
            yield return CreateAccepted("Mine", 2);
            GameObject mine = Created;
            Undo.SetTransformParent(mine.transform, Shown(Copy).Single().GetChild(0), "Move");
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(GetComponents(change).Required("parent", "").RequiredString("uuid", ""), Is.EqualTo(Copy));
            Assert.That(mine.transform.parent.gameObject, Is.EqualTo(FindObject(Copy)));
        }

        [UnityTest]
        public IEnumerator GeneratedObjectsGoWithTheInstanceAndUndoBringsNoGhosts()
        {
            yield return Connect();
            yield return ApplyTrees();
            yield return ExpectApplied(Daemon.Apply(2, "Delete", null, MakeChange("delete", Copy)));
            Assert.That(OpenScenes.FindAllShown<VibeSyncGenerated>(), Is.Empty);
            Undo.PerformUndo();
            yield return Expect("intent");
            Daemon.Accept(Received, 3);
            yield return WaitFor(() => Shown(Copy).Count == 1 && Names(Copy) == "Trees,Tree,Branch");
            Undo.PerformUndo();
            yield return WaitFor(() => !OpenScenes.FindAllShown<VibeSyncGenerated>().Any());
        }

        [UnityTest]
        public IEnumerator SceneThatIsOpenedAgainHasNoOtherEntities()
        {
            yield return Connect();
            yield return ApplyTrees();
            string file = Host.GetScenePath("scene.unity");
            Host.SaveScene(file);
            Host.QuitEditor();
            SessionState.EraseString("VibeSync.Shadow");
            Host.OpenScene(file);
            Assert.That(Names(Copy), Is.EqualTo("Trees,Tree,Branch"), "a build shows it too");
            Host.StartEditor();
            yield return Sync();
            List<JsonValue> entities = Received.Header.Required("entities", "").AsArray("");
            Assert.That(entities.Count, Is.EqualTo(6), "four objects, the mesh and the collection");
            Assert.That(entities.All(each => each.RequiredInteger("version", "") == 1));
            yield return ExpectNone("intent");
            Assert.That(Names(Copy), Is.EqualTo("Trees,Tree,Branch"));
        }

        [UnityTest]
        public IEnumerator CopyOfAnInstanceShowsTheSame()
        {
            yield return Connect();
            yield return ApplyTrees();
            GameObject copy = Host.Duplicate(FindObject(Copy));
            yield return Expect("intent");
            JsonValue change = GetChanges(Received).Single();
            Assert.That(GetComponents(change).Required("instance", "").RequiredString("of", ""), Is.EqualTo(Trees));
            Daemon.Accept(Received, 2);
            Host.Duplicate(Shown(Copy).Single().gameObject).transform.SetParent(null, false);
            yield return WaitFor(() => OpenScenes.FindAllShown<VibeSyncGenerated>().Count() == 6);
            Assert.That((Names(Copy), Names(GetUuid(copy))), Is.EqualTo(("Trees,Tree,Branch", "Trees,Tree,Branch")));
        }

        [UnityTest]
        public IEnumerator InstancesAreBoundedAndThatIsTold()
        {
            yield return Connect();
            yield return ApplyTrees();
            List<JsonValue> changes = new List<JsonValue>();
            string Id(int kind, int i) => "01920000-0000-7000-8000-00000000" + kind.ToString("x2") + i.ToString("x2");
            for (int i = 0; i < 15; i++)
            {
                changes.Add(MakeChange("create", Id(1, i), "collection", MakeName("Level").With("collection", MakeCollection(0, false))));
            }
            for (int i = 0; i < 28; i++)
            {
                JsonValue level = MakeObject("Level", null, null, MakeTransform(0, 0, 0))
                    .With("collections", In(Id(1, i / 2))).With("instance", Of(Id(1, (i / 2) + 1)));
                changes.Add(MakeChange("create", Id(2, i), "object", level));
            }
            changes.Add(MakeChange("update", Outer, null, JsonValue.Object().With("instance", Of(Id(1, 0)))));
            yield return ExpectApplied(Daemon.Apply(2, "Many", null, changes.ToArray()));
            yield return WaitFor(() => Host.Log.Any(line => line.Contains("instances of more than")), 30);
            Assert.That(OpenScenes.FindAllShown<VibeSyncGenerated>().Count(), Is.InRange(1000, InstanceView.MaxObjects));
        }

        /// <summary>Has the daemon create a tree with a branch in a collection, an object that shows it, and another one.</summary>
        Steps ApplyTrees() => Run(ApplyAndWait());

        IEnumerator ApplyAndWait()
        {
            List<byte[]> attachments = new List<byte[]>();
            JsonValue branch = MakeTransform(0, 1, 0).With("scale", JsonValue.Array(1, 2, 1));
            yield return ExpectApplied(Daemon.Apply(1, "Add trees", attachments,
                MakeChange("create", Trees, "collection", MakeName("Trees").With("collection", MakeTrees())),
                MakeChange("create", MeshUuid, "mesh", MakeMesh("Tree", MakeTriangle(0), attachments)),
                MakeChange("create", Tree, "object",
                    MakeObject("Tree", null, MeshUuid, MakeTransform(3, 0, 0)).With("collections", In(Trees))),
                MakeChange("create", Branch, "object", MakeObject("Branch", Tree, MeshUuid, branch).With("collections", In(Trees))),
                MakeChange("create", Copy, "object",
                    MakeObject("Copy", null, null, MakeTransform(0, 5, 0)).With("instance", Of(Trees))),
                MakeChange("create", Outer, "object", MakeObject("Outer", null, null, MakeTransform(0, 0, 0)))));
            yield return WaitFor(() => Shown(Copy).Count == 1);
        }

        static JsonValue MakeTrees(bool isHidden = false) => MakeCollection(1, isHidden);

        static JsonValue MakeCollection(double offset, bool isHidden) => JsonValue.Object().With("parents", JsonValue.Array())
            .With("root", true).With("offset", JsonValue.Array(offset, 0, 0)).With("color", "green").With("hidden", isHidden);

        static JsonValue In(params string[] collections)
        {
            JsonValue list = JsonValue.Array();
            foreach (string each in collections) { list.Add(each); }
            return JsonValue.Object().With("in", list).With("root", collections.Length == 0);
        }

        static JsonValue Of(string collection) => JsonValue.Object().With("of", collection);

        static Mesh Mesh(Transform shown)
        {
            MeshFilter filter = shown.GetComponent<MeshFilter>();
            return filter == null ? null : filter.sharedMesh;
        }

        /// <summary>Returns the generated objects directly below an object.</summary>
        static List<Transform> Shown(string uuid)
        {
            Transform above = FindObject(uuid).transform;
            return Enumerable.Range(0, above.childCount).Select(i => above.GetChild(i))
                .Where(child => OpenScenes.IsGenerated(child.gameObject)).ToList();
        }

        static string Names(string uuid) => string.Join(",", FindObject(uuid).GetComponentsInChildren<VibeSyncGenerated>(true)
            .Select(each => each.gameObject.name));
    }

    static class GeneratedChildren
    {
        /// <summary>Returns the only child with that name.</summary>
        internal static Transform Child(this Transform above, string name) =>
            Enumerable.Range(0, above.childCount).Select(i => above.GetChild(i)).Single(child => child.gameObject.name == name);
    }
}
