using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Views
{
    /// <summary>Creates the messages about pictures and the selection; docs/protocol.md describes them.</summary>
    public static class ViewMessages
    {
        /// <summary>The feature that a daemon offers if it wants these messages.</summary>
        public const string Feature = "view";

        /// <summary>Returns the answer with a picture.</summary>
        public static Frame Result(ViewRequest request, Picture picture)
        {
            return new Frame(View(request, picture.Width, picture.Height, picture.Camera, JsonValue.Null),
                new[] { picture.Png });
        }

        /// <summary>Returns the answer with a selection.</summary>
        public static Frame Result(ViewRequest request, IEnumerable<string> selected) =>
            new Frame(Select(request, selected, JsonValue.Null));

        /// <summary>Returns the answer to a request that failed.</summary>
        public static Frame Failure(ViewRequest request, SyncException error)
        {
            JsonValue body = WireError.Write(error);
            return new Frame(request.Look == null ? Select(request, new string[0], body) : View(request, 0, 0, "", body));
        }

        static JsonValue View(ViewRequest request, int width, int height, string camera, JsonValue error)
        {
            return Messages.Create("view_result").With("request_id", request.RequestId).With("width", width)
                .With("height", height).With("camera", camera).With("error", error);
        }

        static JsonValue Select(ViewRequest request, IEnumerable<string> selected, JsonValue error)
        {
            JsonValue uuids = JsonValue.Array();
            foreach (string uuid in selected) { uuids.Add(uuid); }
            return Messages.Create("select_result").With("request_id", request.RequestId).With("selected", uuids)
                .With("error", error);
        }
    }
}
