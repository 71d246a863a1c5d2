using System;
using System.Collections.Generic;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;
using VibeSync.Core.Net;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Views;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>Performs the handshake of one connection; docs/protocol.md, part 3.</summary>
    public sealed class Handshake
    {
        readonly LinkEvent opened;
        readonly SessionOptions options;
        readonly string clientNonce = Proof.NewNonce();
        string daemonNonce;

        /// <param name="opened">The event that carries the daemon and its token.</param>
        public Handshake(LinkEvent opened, SessionOptions options)
        {
            this.opened = opened;
            this.options = options;
        }

        /// <summary>The feature of a client that takes patches of meshes in an `apply`.</summary>
        const string PatchFeature = "apply_patches";

        /// <summary>The project that the daemon serves.</summary>
        public string ProjectId => opened.Daemon.ProjectId;

        /// <summary>The folder of that project.</summary>
        public string ProjectRoot => opened.Daemon.ProjectRoot;

        /// <summary>Checks a `challenge` and keeps its nonce for the proofs.</summary>
        public void CheckChallenge(JsonValue header)
        {
            bool isSupported = header.RequiredInteger("protocol_min", "") <= Messages.Version
                && header.RequiredInteger("protocol_max", "") >= Messages.Version
                && header.RequiredInteger("schema_version", "") == Messages.Version;
            if (!isSupported)
            {
                throw new SyncException(ErrorCode.VersionUnsupported, "the daemon speaks another version");
            }
            if (header.RequiredString("project_id", "") != ProjectId)
            {
                throw new SyncException(ErrorCode.NoDaemon, "the port belongs to another project's daemon");
            }
            daemonNonce = header.RequiredString("nonce", "");
            HasAgents = Offers(header, AgentTracker.Feature);
            HasCapabilities = options.Capabilities != null && Offers(header, CapabilityMessages.Feature);
            HasPatches = Offers(header, PatchFeature);
            HasPreviews = options.Previews != null && Offers(header, PreviewMessages.Feature);
            hasMeshPreviews = HasPreviews && Offers(header, PreviewMessages.FeatureOfMeshes);
            HasViews = options.Views != null && Offers(header, ViewMessages.Feature);
        }

        /// <summary>Whether daemon and editor exchange the messages about agents.</summary>
        public bool HasAgents { get; private set; }

        /// <summary>Whether daemon and editor exchange the messages about add-ons.</summary>
        public bool HasCapabilities { get; private set; }

        /// <summary>Whether the editor draws pictures and selects for the daemon.</summary>
        public bool HasViews { get; private set; }

        /// <summary>Whether previews may have vertices of meshes.</summary>
        bool hasMeshPreviews;

        /// <summary>Whether daemon and editor exchange previews.</summary>
        public bool HasPreviews { get; private set; }

        /// <summary>Whether the daemon may send patches of meshes that the editor has got.</summary>
        public bool HasPatches { get; private set; }

        static bool Offers(JsonValue header, string feature)
        {
            JsonValue features = header.Find("features");
            return features != null && features.AsArray("features").Exists(each => each.AsString("features") == feature);
        }

        public Frame MakeHello(ISceneAdapter scene, string editorState)
        {
            JsonValue divergedAfter = scene.Registry.DivergedAfter is long seq ? seq : JsonValue.Null;
            JsonValue components = JsonValue.Array();
            HashSet<string> hidden = new HashSet<string>(scene.HiddenComponents);
            foreach (ComponentKind kind in ComponentKind.All)
            {
                if (!hidden.Contains(kind.Key)) { components.Add(kind.Key); }
            }
            JsonValue hello = Messages.Create("hello").With("protocol", Messages.Version)
                .With("schema_version", Messages.Version).With("project_id", ProjectId).With("role", "unity")
                .With("editor_version", options.EditorVersion).With("client_version", options.ClientVersion)
                .With("instance_id", options.InstanceId).With("last_seq", scene.Registry.LastSeq)
                .With("epochs", ReadEpochs(scene.Registry.Epochs)).With("diverged_after", divergedAfter)
                .With("editor_state", editorState).With("components", components).With("nonce", clientNonce)
                .With("proof", Proof.SignClient(opened.Token, daemonNonce, clientNonce, ProjectId));
            JsonValue features = JsonValue.Array();
            if (HasAgents) { features.Add(AgentTracker.Feature); }
            if (HasCapabilities) { features.Add(CapabilityMessages.Feature); }
            if (HasViews) { features.Add(ViewMessages.Feature); }
            if (HasPreviews) { features.Add(PreviewMessages.Feature); }
            if (hasMeshPreviews) { features.Add(PreviewMessages.FeatureOfMeshes); }
            if (HasPatches) { features.Add(PatchFeature); }
            if (features.AsArray("features").Count > 0) { hello.With("features", features); }
            return new Frame(hello);
        }

        /// <summary>Reads saved epochs. Damaged ones count as none: the daemon then compares the sequence.</summary>
        static JsonValue ReadEpochs(string saved)
        {
            try
            {
                return saved.Length == 0 ? JsonValue.Array() : JsonReader.Read(saved);
            }
            catch (SyncException)
            {
                return JsonValue.Array();
            }
        }

        /// <summary>Checks the proof of a `welcome` and returns the limits in force.</summary>
        public Limits CheckWelcome(JsonValue header)
        {
            string expected = Proof.SignDaemon(opened.Token, daemonNonce, clientNonce, ProjectId);
            if (!Proof.Matches(expected, header.RequiredString("proof", "")))
            {
                throw new SyncException(ErrorCode.WrongProof, "the daemon does not hold this user's token");
            }
            JsonValue limits = header.Required("limits", "");
            return new Limits
            {
                MaxFrameBytes = limits.RequiredInteger("max_frame_bytes", "limits"),
                MaxHeaderBytes = limits.RequiredInteger("max_header_bytes", "limits"),
                MaxAttachments = (int)Math.Min(int.MaxValue, limits.RequiredInteger("max_attachments", "limits")),
                MaxChanges = (int)Math.Min(int.MaxValue, limits.RequiredInteger("max_changes", "limits")),
            };
        }

        /// <summary>Returns why automation is off, from `welcome` and `governance`; null while it is on.</summary>
        public static string ReadSafeMode(JsonValue header)
        {
            JsonValue safeMode = header.Find("safe_mode");
            return safeMode == null || safeMode.IsNull ? null : safeMode.RequiredString("why", "safe_mode");
        }
    }
}
