using System;
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

        /// <summary>The components that are shown here. Previews of materials are not shown yet.</summary>
        static readonly string[] Shown = { "transform", Kinds.Light, Kinds.Camera };

        /// <param name="seq">A counter of the connection, from 1.</param>
        public static Frame Preview(long seq, IEnumerable<KeyValuePair<string, Component>> values)
        {
            JsonValue changes = JsonValue.Array();
            List<byte[]> attachments = new List<byte[]>();
            foreach (KeyValuePair<string, Component> value in values)
            {
                changes.Add(JsonValue.Object().With("uuid", value.Key).With("components",
                    JsonValue.Object().With(value.Value.Key, value.Value.ToJson(attachments))));
            }
            return new Frame(Messages.Create("preview").With("seq", seq).With("changes", changes), attachments);
        }

        public static Frame End(IEnumerable<string> uuids)
        {
            JsonValue list = JsonValue.Array();
            foreach (string uuid in uuids) { list.Add(uuid); }
            return new Frame(Messages.Create("preview_end").With("uuids", list));
        }

        /// <summary>Reads the values of a `preview`, one for each entity; components that are not shown are left out.</summary>
        public static List<KeyValuePair<string, Component>> ReadPreview(Frame frame)
        {
            JsonValue header = frame.Header;
            List<KeyValuePair<string, Component>> values = new List<KeyValuePair<string, Component>>();
            List<JsonValue> changes = header.Required("changes", "").AsArray("changes");
            for (int i = 0; i < changes.Count; i++)
            {
                string location = "changes[" + i + "]";
                JsonValue moved = changes[i].Find("positions");
                if (moved != null && !moved.IsNull)
                {
                    values.Add(new KeyValuePair<string, Component>(changes[i].RequiredString("uuid", location),
                        PreviewedPositions.Read(moved, frame.Attachments, location + ".positions")));
                    continue;
                }
                JsonValue components = changes[i].Required("components", location);
                string key = Array.Find(Shown, name => components.Find(name) != null);
                if (key == null) { continue; }
                string place = location + ".components." + key;
                values.Add(new KeyValuePair<string, Component>(changes[i].RequiredString("uuid", location),
                    ComponentKind.Find(key, place).Read(components.Find(key), Array.Empty<byte[]>(), place, null)));
            }
            return values;
        }

        /// <summary>Reads the uuids of a `preview_end`.</summary>
        public static List<string> ReadEnd(JsonValue header) =>
            header.Required("uuids", "").AsArray("uuids").ConvertAll(uuid => uuid.AsString("uuids"));
    }
}
