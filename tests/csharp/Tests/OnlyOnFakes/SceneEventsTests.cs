using System.Collections.Generic;
using NUnit.Framework;
using UnityEditor;
using UnityEngine;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that each kind of event marks exactly its scope. Only on the fakes, because Unity publishes other events
    /// beside the one of an edit, and some kinds only in later versions.
    /// </summary>
    public sealed class SceneEventsTests
    {
        [TestCase(ObjectChangeKind.None, "nothing")]
        [TestCase(ObjectChangeKind.ChangeScene, "scene")]
        [TestCase(ObjectChangeKind.CreateGameObjectHierarchy, "appeared")]
        [TestCase(ObjectChangeKind.ChangeGameObjectStructureHierarchy, "appeared")]
        [TestCase(ObjectChangeKind.ChangeGameObjectStructure, "changed")]
        [TestCase(ObjectChangeKind.ChangeGameObjectParent, "changed")]
        [TestCase(ObjectChangeKind.ChangeGameObjectOrComponentProperties, "changed")]
        [TestCase(ObjectChangeKind.DestroyGameObjectHierarchy, "structure")]
        [TestCase(ObjectChangeKind.CreateAssetObject, "nothing")]
        [TestCase(ObjectChangeKind.DestroyAssetObject, "structure")]
        [TestCase(ObjectChangeKind.ChangeAssetObjectProperties, "changed")]
        [TestCase(ObjectChangeKind.UpdatePrefabInstances, "scene")]
        [TestCase((ObjectChangeKind)12, "nothing", Description = "the order of children, from 2022.3 on")]
        [TestCase((ObjectChangeKind)13, "nothing", Description = "the order of top objects, from 6000.0 on")]
        [TestCase((ObjectChangeKind)99, "scene", Description = "a kind that a later version of Unity adds")]
        public void EventKindMarksItsScope(ObjectChangeKind kind, string scope)
        {
            UnityFakes.Editor.Reset();
            GameObject item = new GameObject("A");
            UnityFakes.Editor.Frame();
            using (SceneEvents events = new SceneEvents())
            {
                events.TakeStructureChanged(out _);
                UnityFakes.Editor.Publish(kind, item);
                UnityFakes.Editor.Frame();
                List<string> found = new List<string>();
                if (events.TakeChanged().Contains(ObjectKey.Of(item))) { found.Add("changed"); }
                if (events.TakeAppeared().Contains(ObjectKey.Of(item))) { found.Add("appeared"); }
                bool isStructureChanged = events.TakeStructureChanged(out bool isAllChanged);
                if (isStructureChanged) { found.Add(isAllChanged ? "scene" : "structure"); }
                Assert.That(string.Join(", ", found), Is.EqualTo(scope == "nothing" ? "" : scope));
            }
        }
    }
}
