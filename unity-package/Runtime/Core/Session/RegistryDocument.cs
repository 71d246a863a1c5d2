using System;
using System.Collections.Generic;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Writes and reads the registry as JSON with a schema version and a checksum. The same registry always gives the
    /// same text.
    /// </summary>
    public static class RegistryDocument
    {
        /// <summary>The version that <see cref="Write"/> writes. A later package also reads older ones.</summary>
        public const int SchemaVersion = 1;

        /// <summary>The size of the longest document that is read.</summary>
        public const int MaxCharacters = 256 << 20;

        public static string Write(Registry registry)
        {
            JsonValue body = WriteBody(registry);
            return JsonWriter.Write(JsonValue.Object().With("schema_version", SchemaVersion)
                .With("checksum", ComputeChecksum(body)).With("body", body));
        }

        /// <summary>
        /// Reads a document completely or not at all. Throws VS-7001 if it is damaged, VS-5008 if a newer package wrote
        /// it.
        /// </summary>
        /// <param name="location">The name of the copy.</param>
        public static Registry Read(string text, string location)
        {
            try
            {
                return ReadChecked(text, location);
            }
            catch (SyncException error)
            {
                bool isKnown = error.Code == ErrorCode.EditorRegistryDamaged || error.Code == ErrorCode.NewerFormat;
                if (isKnown) { throw; }
                throw Damaged("the registry can't be read: " + error.Message, location);
            }
        }

        /// <summary>
        /// Returns the registry of the first readable copy; null if there is no copy. Adds the errors on the way to
        /// <paramref name="problems"/>. Throws VS-7001 if there are copies but none is readable. Throws VS-5008 if a
        /// newer package wrote one of them, because an older copy beside it would be outdated.
        /// </summary>
        public static Registry ReadFirst(IEnumerable<KeyValuePair<string, string>> textsByLocation,
            List<SyncException> problems)
        {
            foreach (KeyValuePair<string, string> copy in textsByLocation)
            {
                if (copy.Value == null) { continue; }
                try
                {
                    return Read(copy.Value, copy.Key);
                }
                catch (SyncException error) when (error.Code == ErrorCode.EditorRegistryDamaged)
                {
                    problems.Add(error);
                }
            }
            return problems.Count == 0 ? null : throw problems[0];
        }

        static JsonValue WriteBody(Registry registry)
        {
            JsonValue entries = JsonValue.Object();
            foreach (string uuid in Sort(registry.Entries.Keys))
            {
                SyncRecord entry = registry.Entries[uuid];
                JsonValue digests = JsonValue.Object();
                foreach (string key in Sort(entry.Digests.Keys))
                {
                    digests.With(key, entry.Digests[key].ToString("x16", CultureInfo.InvariantCulture));
                }
                entries.With(uuid, JsonValue.Object().With("digests", digests).With("version", entry.Version));
            }
            JsonValue tombstones = JsonValue.Object();
            foreach (string uuid in Sort(registry.Tombstones.Keys)) { tombstones.With(uuid, registry.Tombstones[uuid]); }
            JsonValue diverged = registry.DivergedAfter is long seq ? seq : JsonValue.Null;
            JsonValue epochs = registry.Epochs.Length == 0 ? JsonValue.Null : JsonReader.Read(registry.Epochs);
            // The version is here too, because the checksum is that of the body.
            return JsonValue.Object().With("base_seq", registry.BaseSeq).With("diverged_after", diverged)
                .With("entries", entries).With("epochs", epochs).With("last_seq", registry.LastSeq)
                .With("project_id", registry.ProjectId).With("schema_version", SchemaVersion)
                .With("tombstones", tombstones);
        }

        static Registry ReadChecked(string text, string location)
        {
            if (text.Length > MaxCharacters) { throw Damaged("the registry is too long", location); }
            JsonValue document = JsonReader.Read(text);
            JsonValue body = document.Required("body", "");
            if (document.RequiredString("checksum", "") != ComputeChecksum(body))
            {
                throw Damaged("the registry's checksum is wrong", location);
            }
            long version = document.RequiredInteger("schema_version", "");
            if (version < 1 || body.RequiredInteger("schema_version", "body") != version)
            {
                throw Damaged("the registry's schema version is damaged", location);
            }
            if (version > SchemaVersion)
            {
                throw new SyncException(ErrorCode.NewerFormat, "the registry has schema version "
                    + version.ToString(CultureInfo.InvariantCulture) + ", this package reads up to "
                    + SchemaVersion.ToString(CultureInfo.InvariantCulture), location);
            }
            return ReadBody(body);
        }

        static Registry ReadBody(JsonValue body)
        {
            JsonValue diverged = body.Required("diverged_after", "body");
            JsonValue epochs = body.Required("epochs", "body");
            Registry registry = new Registry
            {
                ProjectId = body.RequiredString("project_id", "body"),
                BaseSeq = body.RequiredInteger("base_seq", "body"),
                LastSeq = body.RequiredInteger("last_seq", "body"),
                Epochs = epochs.IsNull ? "" : JsonWriter.Write(epochs),
                DivergedAfter = diverged.IsNull ? (long?)null : diverged.AsInteger("body.diverged_after"),
            };
            if (registry.ProjectId.Length > 0) { Uuid.Check(registry.ProjectId, "body.project_id"); }
            foreach (KeyValuePair<string, JsonValue> entry in body.Required("entries", "body").AsObject("body.entries"))
            {
                registry.Save(Uuid.Check(entry.Key, "body.entries"), ReadEntry(entry.Value));
            }
            JsonValue tombstones = body.Required("tombstones", "body");
            foreach (KeyValuePair<string, JsonValue> tombstone in tombstones.AsObject("body.tombstones"))
            {
                registry.Tombstone(Uuid.Check(tombstone.Key, "body.tombstones"),
                    tombstone.Value.AsInteger("body.tombstones"));
            }
            return registry;
        }

        static SyncRecord ReadEntry(JsonValue json)
        {
            SyncRecord entry = new SyncRecord { Version = json.RequiredInteger("version", "body.entries") };
            JsonValue digests = json.Required("digests", "body.entries");
            foreach (KeyValuePair<string, JsonValue> digest in digests.AsObject("body.entries.digests"))
            {
                bool isValid = ulong.TryParse(digest.Value.AsString("body.entries.digests"),
                    NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong value);
                if (!isValid) { throw new SyncException(ErrorCode.MessageMalformed, "a digest is no number"); }
                entry.Digests[SyncRecord.InternKey(digest.Key)] = value;
            }
            return entry;
        }

        static string ComputeChecksum(JsonValue body)
        {
            using (SHA256 sha = SHA256.Create())
            {
                return Hex.Write(sha.ComputeHash(Encoding.UTF8.GetBytes(JsonWriter.Write(body))));
            }
        }

        static List<string> Sort(IEnumerable<string> keys)
        {
            List<string> sorted = new List<string>(keys);
            sorted.Sort(StringComparer.Ordinal);
            return sorted;
        }

        static SyncException Damaged(string message, string location)
        {
            return new SyncException(ErrorCode.EditorRegistryDamaged, message, location);
        }
    }
}
