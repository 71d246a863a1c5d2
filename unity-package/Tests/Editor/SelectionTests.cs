using NUnit.Framework;
using UnityEngine;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests that the objects under the user's hands are compared without an event.</summary>
    public sealed class SelectionTests : SyncHarness
    {
        [Test]
        public void SelectedObjectIsMarkedWithoutAnEvent()
        {
            GameObject item = new GameObject("A");
            using (SceneEvents events = new SceneEvents())
            {
                Host.Select(item.transform);
                Assert.That(events.TakeChanged(), Is.EqualTo(new[] { ObjectKey.Of(item) }));
            }
        }
    }
}
