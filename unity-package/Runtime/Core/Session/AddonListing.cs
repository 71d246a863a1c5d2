using System;
using System.Collections.Generic;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>Tells the daemon of the editor's add-ons, whenever their list differs.</summary>
    public sealed class AddonListing
    {
        readonly ICapabilityHost host;
        readonly string editorVersion;
        readonly Action<Frame> send;
        IReadOnlyList<KnownAddon> known;
        string sent;

        public AddonListing(ICapabilityHost host, string editorVersion, Action<Frame> send)
        {
            this.host = host;
            this.editorVersion = editorVersion;
            this.send = send;
        }

        /// <summary>Starts over on a new connection.</summary>
        public void Start()
        {
            known = null;
            sent = null;
        }

        public void Run()
        {
            host.Refresh();
            if (host.Addons == null || ReferenceEquals(host.Addons, known)) { return; }
            known = host.Addons;
            List<JsonValue> addons = new List<JsonValue>();
            foreach (KnownAddon addon in known) { addons.Add(addon.ToJson(host.ListHandlers(addon))); }
            string text = JsonWriter.Write(JsonValue.Array(addons.ToArray())) + string.Join(" ", host.EnabledNames);
            if (text == sent) { return; }
            sent = text;
            foreach (Frame part in CapabilityMessages.Capabilities(addons, host.EnabledNames, editorVersion)) { send(part); }
        }

        /// <summary>
        /// Returns the add-on of a call; null if there is none. If several have the id, prefers the files that were allowed.
        /// </summary>
        public KnownAddon Find(AddonCommand command)
        {
            KnownAddon found = null;
            foreach (KnownAddon addon in host.Addons ?? new KnownAddon[0])
            {
                if (addon.Manifest?.Id != command.AddonId) { continue; }
                if (found == null || addon.Disk.CodeDigest == command.CodeDigest) { found = addon; }
            }
            return found;
        }
    }
}
