using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>An add-on of the editor that has a manifest.</summary>
    public sealed class KnownAddon
    {
        /// <param name="module">The name of the package, or the asset path of the folder.</param>
        /// <param name="assetPath">The folder as the asset database names it.</param>
        /// <param name="loaded">What the folder held when the scripts were loaded.</param>
        public KnownAddon(string module, string assetPath, AddonFolder disk, AddonFolder loaded)
        {
            Module = module;
            AssetPath = assetPath;
            Disk = disk;
            Loaded = loaded;
            Manifest = disk.ManifestText == null ? null : AddonManifest.Read(disk.ManifestText);
        }

        public string Module { get; }

        /// <summary>The folder as the asset database names it.</summary>
        public string AssetPath { get; }

        /// <summary>The folder when it was read last.</summary>
        public AddonFolder Disk { get; }

        /// <summary>The folder when the editor loaded its scripts: the code that would run.</summary>
        public AddonFolder Loaded { get; }

        /// <summary>The manifest; null if it cannot be read.</summary>
        public AddonManifest Manifest { get; }

        /// <param name="declared">The tools that have a handler.</param>
        public JsonValue ToJson(IReadOnlyList<string> declared)
        {
            JsonValue names = JsonValue.Array();
            foreach (string name in declared) { names.Add(name); }
            SyncException problem = Disk.Problem;
            return JsonValue.Object().With("module", Module).With("folder", Disk.Path).With("enabled", true)
                .With("manifest", Disk.ManifestText).With("manifest_sha256", Disk.ManifestDigest)
                .With("code_sha256", Disk.CodeDigest).With("files", Disk.Files).With("declared", names)
                .With("problem", problem == null ? JsonValue.Null : JsonValue.Object().With("code", problem.Code)
                    .With("message", problem.Message).With("location", problem.Location));
        }
    }
}
