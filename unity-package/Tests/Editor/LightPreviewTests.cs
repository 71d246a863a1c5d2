using System.Collections;
using NUnit.Framework;
using UnityEngine;
using UnityEngine.TestTools;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Tests previews of lights, both ways.</summary>
    public sealed class LightPreviewTests : LightHarness
    {
        [SetUp]
        public void OfferPreviews() => Daemon.Features = JsonValue.Array(PreviewMessages.Feature);

        [UnityTest]
        public IEnumerator PreviewsOfLightsHaveTheirAxes()
        {
            double clock = EditorClock.Now;
            EditorClock.Replacement = () => clock;
            yield return Connect();
            yield return CreateLamp(LightType.Point, 1);
            Transform transform = Lamp.transform;
            string uuid = GetUuid(Lamp.gameObject);
            double half = System.Math.Sqrt(0.5);
            JsonValue down = JsonValue.Object().With("translation", JsonValue.Array(1, 0, 0))
                .With("rotation", JsonValue.Array(-half, 0, 0, half)).With("scale", JsonValue.Array(1, 1, 1));
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(JsonValue.Object()
                .With("uuid", uuid).With("components", JsonValue.Object().With("transform", down)))));
            yield return WaitFor(() => transform.localPosition.x == -1);
            Quaternion turn = transform.localRotation;
            Assert.That(new[] { turn.x, turn.y, turn.z, turn.w }, Is.EqualTo(new[] { 0, half, -half, 0 }).Within(1e-6));
            Daemon.Send(Messages.Create("preview_end").With("from", "blender").With("uuids", JsonValue.Array(uuid)));
            yield return WaitFor(() => transform.localPosition.x == 0);
            yield return ExpectNone("intent");
            Host.Select(transform);
            Host.HoldMouse(true);
            yield return null;
            transform.localPosition = new Vector3(2, 0, 0);
            yield return Expect("preview");
            JsonValue sent = GetComponents(GetChanges(Received)[0]).Required("transform", "");
            Assert.That(Numbers(sent, "rotation"), Is.EqualTo(new double[] { 0, 1, 0, 0 }));
            Assert.That(Numbers(sent, "translation"), Is.EqualTo(new double[] { -2, 0, 0 }));
            Host.HoldMouse(false);
        }
    }
}
