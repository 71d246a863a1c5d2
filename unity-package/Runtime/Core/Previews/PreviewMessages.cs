using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Previews
{
    /// <summary>Creates and reads the messages about previews; docs/protocol.md describes them.</summary>
    public static class PreviewMessages
    {
        /// <summary>The feature that a daemon offers if it passes previews on.</summary>
        public const string Feature = "previews";

        /// <summary>Entities in one message.</summary>
        public const int MaxEntities = 512;

        /// <summary>Entities of one sender that the daemon shows at a time.</summary>
        public const int MaxShown = 4096;

        const string Transform = "transform";

        /// <param name="seq">A counter of the connection, from 1.</param>
        public static Frame Preview(long seq, IEnumerable<KeyValuePair<string, NativeTransform>> places)
        {
            JsonValue changes = JsonValue.Array();
            List<byte[]> attachments = new List<byte[]>();
            foreach (KeyValuePair<string, NativeTransform> place in places)
            {
                changes.Add(JsonValue.Object().With("uuid", place.Key).With("components",
                    JsonValue.Object().With(Transform, place.Value.ToComponent().ToJson(attachments))));
            }
            return new Frame(Messages.Create("preview").With("seq", seq).With("changes", changes), attachments);
        }

        public static Frame End(IEnumerable<string> uuids)
        {
            JsonValue list = JsonValue.Array();
            foreach (string uuid in uuids) { list.Add(uuid); }
            return new Frame(Messages.Create("preview_end").With("uuids", list));
        }

        /// <summary>Reads the transforms of a `preview`; other components are left out.</summary>
        public static List<KeyValuePair<string, TransformComponent>> ReadPreview(JsonValue header)
        {
            List<KeyValuePair<string, TransformComponent>> places = new List<KeyValuePair<string, TransformComponent>>();
            List<JsonValue> changes = header.Required("changes", "").AsArray("changes");
            for (int i = 0; i < changes.Count; i++)
            {
                string location = "changes[" + i + "]";
                JsonValue transform = changes[i].Required("components", location).Find(Transform);
                if (transform == null) { continue; }
                places.Add(new KeyValuePair<string, TransformComponent>(changes[i].RequiredString("uuid", location),
                    TransformComponent.Read(transform, location + ".components." + Transform)));
            }
            return places;
        }

        /// <summary>Reads the uuids of a `preview_end`.</summary>
        public static List<string> ReadEnd(JsonValue header) =>
            header.Required("uuids", "").AsArray("uuids").ConvertAll(uuid => uuid.AsString("uuids"));
    }
}
