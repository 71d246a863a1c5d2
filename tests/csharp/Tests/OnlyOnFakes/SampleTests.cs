using NUnit.Framework;
using UnityFakes;
using VibeSync.Samples;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Tests the sample of the package. Only on the fakes, because Unity compiles a sample only in a project that has
    /// imported it.
    /// </summary>
    public sealed class SampleTests : BridgeHarness
    {
        [Test]
        public void SampleWritesALineForSentAndReceivedChanges()
        {
            SyncEventLog.Listen();
            SyncEventLog.Listen();
            Connect();
            string uuid = GetUuid(CreateAccepted("Chair", 1));
            ExpectApplied(Daemon.Apply(2, "Rename", null, MakeChange("update", uuid, null, MakeName("Sofa"))));
            RunFrame();
            Assert.That(Engine.Log.FindAll(line => line.Contains("sample")), Is.EqualTo(new[]
            {
                "info VibeSync sample, sent to Blender: Create Chair in Unity (1)",
                "info VibeSync sample, received from Blender: Rename (1)",
            }));
        }
    }
}
