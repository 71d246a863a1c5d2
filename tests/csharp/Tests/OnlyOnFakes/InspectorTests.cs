using NUnit.Framework;
using UnityEngine;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests that the user cannot remove an identity. Only on the fakes, because Unity does not tell what the inspector
    /// shows.
    /// </summary>
    public sealed class InspectorTests : BridgeHarness
    {
        [Test]
        public void IdentityIsNotInTheInspector()
        {
            Connect();
            GameObject item = CreateAccepted("A", 1);
            Assert.That(item.GetComponent<VibeSyncIdentity>() != null);
            Assert.That(UnityFakes.Editor.GetInspector(item), Is.EqualTo(new[] { "Transform" }),
                "a component that is shown can be removed");
        }
    }
}
