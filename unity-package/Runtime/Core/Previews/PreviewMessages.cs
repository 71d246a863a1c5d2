using System.Collections.Generic;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Previews
{
    /// <summary>Creates and reads the messages about previews; docs/protocol.md describes them.</summary>
    public static class PreviewMessages
    {
        /// <summary>The feature that a daemon offers if it passes previews on.</summary>
        public const string Feature = "previews";

        /// <summary>The feature of a daemon that also passes previews of the vertices of meshes on.</summary>
        public const string FeatureOfMeshes = "mesh_previews";

        /// <summary>Entities in one message.</summary>
        public const int MaxEntities = 512;

        /// <summary>Entities of one sender that the daemon shows at a time.</summary>
        public const int MaxShown = 4096;

        /// <param name="seq">A counter of the connection, from 1.</param>
        /// <param name="values">Entities with the components that are shown, each whole.</param>
        public static Frame Preview(long seq, IEnumerable<Entity> values)
        {
            JsonValue changes = JsonValue.Array();
            List<byte[]> attachments = new List<byte[]>();
            foreach (Entity value in values)
            {
                changes.Add(JsonValue.Object().With("uuid", value.Uuid)
                    .With("components", value.ComponentsToJson(attachments)));
            }
            return new Frame(Messages.Create("preview").With("seq", seq).With("changes", changes), attachments);
        }

        public static Frame End(IEnumerable<string> uuids)
        {
            JsonValue list = JsonValue.Array();
            foreach (string uuid in uuids) { list.Add(uuid); }
            return new Frame(Messages.Create("preview_end").With("uuids", list));
        }

        static Entity ReadPositions(string uuid, JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            Entity value = new Entity(uuid, Kinds.Mesh);
            value.Set(PreviewedPositions.Read(json, attachments, location));
            return value;
        }

        /// <summary>Reads the values of a `preview`; components that are not shown are left out.</summary>
        public static List<Entity> ReadPreview(Frame frame)
        {
            JsonValue header = frame.Header;
            List<Entity> values = new List<Entity>();
            List<JsonValue> changes = header.Required("changes", "").AsArray("changes");
            for (int i = 0; i < changes.Count; i++)
            {
                string location = "changes[" + i + "]";
                string uuid = changes[i].RequiredString("uuid", location);
                JsonValue moved = changes[i].Find("positions");
                Entity value = moved != null && !moved.IsNull
                    ? ReadPositions(uuid, moved, frame.Attachments, location + ".positions")
                    : ReadValue(uuid, changes[i].Required("components", location), location + ".components.");
                if (value != null) { values.Add(value); }
            }
            return values;
        }

        /// <summary>Reads the uuids of a `preview_end`.</summary>
        public static List<string> ReadEnd(JsonValue header) =>
            header.Required("uuids", "").AsArray("uuids").ConvertAll(uuid => uuid.AsString("uuids"));

        /// <summary>Reads the components of one kind of entity; returns null without any.</summary>
        static Entity ReadValue(string uuid, JsonValue components, string location)
        {
            Entity value = null;
            foreach (ComponentKind kind in ComponentKind.All)
            {
                JsonValue json = kind.IsPreviewed ? components.Find(kind.Key) : null;
                if (json == null || (value != null && !kind.IsOn(value.Kind))) { continue; }
                value = value ?? new Entity(uuid, kind.Kind);
                value.Set(kind.Read(json, System.Array.Empty<byte[]>(), location + kind.Key, null));
            }
            return value;
        }
    }
}
