using NUnit.Framework;
using UnityEngine;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Wire;

namespace VibeSync.Tests.Adapter
{
    /// <summary>A call of an add-on while an object shows a preview.</summary>
    public sealed class CapabilityPreviewTests : CapabilityHarness
    {
        [Test]
        public void HandlerSeesTheSceneItself()
        {
            Daemon.Features = JsonValue.Array(CapabilityMessages.Feature, PreviewMessages.Feature);
            ConnectWithAddon();
            GameObject item = CreateAccepted("Item", 1);
            JsonValue preview = Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(
                JsonValue.Object().With("uuid", GetUuid(item)).With("components",
                    JsonValue.Object().With("transform", MakeTransform(-3, 0, 0)))));
            Daemon.Send(preview);
            WaitFor(() => item.transform.localPosition.x == 3);
            float seen = 9;
            CapabilityHandlers.Act = _ =>
            {
                seen = item.transform.localPosition.x;
                return AiResult.Success("done");
            };
            Call("act");
            Daemon.Send(preview);
            Assert.That(Status(ExpectAnswerWithoutIntent()), Is.EqualTo("success"));
            Assert.That(seen, Is.EqualTo(0));
            Daemon.Send(preview);
            WaitFor(() => item.transform.localPosition.x == 3);
        }
    }
}
