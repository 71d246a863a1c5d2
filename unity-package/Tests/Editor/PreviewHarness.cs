using System.Collections;
using NUnit.Framework;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Previews;
using VibeSync.Core.Wire;
using VibeSync.Editor;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Holds an editor with one accepted object, and a daemon that offers previews.</summary>
    public abstract class PreviewHarness : SyncHarness
    {
        /// <summary>The time of the session; it stands still unless a test moves it.</summary>
        protected double Clock { get; set; }

        /// <summary>The object that the tests preview, at (0, 0, 0).</summary>
        protected GameObject Item { get; private set; }

        protected string Uuid => GetUuid(Item);

        protected Vector3 Position => Item.transform.localPosition;

        [SetUp]
        public void OfferPreviews()
        {
            Daemon.Features = JsonValue.Array(PreviewMessages.Feature);
            Clock = EditorClock.Now;
            EditorClock.Replacement = () => Clock;
        }

        /// <summary>Connects, with <see cref="Item"/> in the scene.</summary>
        protected Steps ConnectWithItem() => Run(ConnectAndCreate());

        IEnumerator ConnectAndCreate()
        {
            yield return Connect();
            yield return CreateAccepted("Item", 1);
            Item = Created;
        }

        protected static JsonValue MakePreview(string uuid, JsonValue transform) => JsonValue.Object()
            .With("uuid", uuid).With("components", JsonValue.Object().With("transform", transform));

        protected void SendPreview(params JsonValue[] changes)
        {
            Daemon.Send(Messages.Create("preview").With("from", "blender").With("changes", JsonValue.Array(changes)));
        }

        /// <summary>Shows the object at a place of the wire, whose X axis is mirrored in Unity.</summary>
        protected Steps Show(double x, double y = 0, double z = 0) => Run(SendAndWait(x, y, z));

        IEnumerator SendAndWait(double x, double y, double z)
        {
            SendPreview(MakePreview(Uuid, MakeTransform(x, y, z)));
            yield return WaitFor(() => Position.Equals(new Vector3((float)-x, (float)y, (float)z)));
        }

        /// <summary>Waits until the tick is over that handled all messages so far.</summary>
        protected Steps Settle() => Run(WaitForPong());

        IEnumerator WaitForPong()
        {
            Daemon.Send(Messages.Create("ping").With("nonce", 77).With("head_seq", 1).With("editor_state", "ready"));
            yield return Expect("pong");
            yield return null;
        }
    }
}
