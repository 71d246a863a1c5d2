using System;
using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Capabilities;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Session;
using PackageInfo = UnityEditor.PackageManager.PackageInfo;

namespace VibeSync.Editor
{
    /// <summary>The add-ons of this editor: packages and folders of the project with a manifest.</summary>
    public sealed class EditorCapabilities : ICapabilityHost
    {
        const int MaxAddons = 256;

        /// <summary>The state of each folder at its first reading after the scripts were loaded.</summary>
        readonly Dictionary<string, AddonFolder> loaded = new Dictionary<string, AddonFolder>();
        readonly List<string> packages = new List<string>();
        AddonHandlers handlers;
        Task<List<KnownAddon>> reading;

        /// <summary>Asks for a tick, from any thread.</summary>
        public Action Wake { get; set; } = () => { };

        /// <summary>The scene in which arguments name objects.</summary>
        public CallScene Scene { get; set; }

        public IReadOnlyList<KnownAddon> Addons { get; private set; }

        public IReadOnlyList<string> EnabledNames
        {
            get
            {
                List<string> names = new List<string>(packages);
                foreach (KnownAddon addon in Addons ?? new KnownAddon[0])
                {
                    if (addon.Manifest != null) { names.Add(addon.Manifest.Id); }
                }
                return names;
            }
        }

        public string SceneFolder
        {
            get
            {
                string path = SceneManager.GetActiveScene().path;
                return string.IsNullOrEmpty(path) ? null : Path.GetDirectoryName(Path.Combine(ProjectFolder, path));
            }
        }

        static string ProjectFolder => Path.GetDirectoryName(Application.dataPath);

        public void Refresh()
        {
            if (reading != null)
            {
                if (!reading.IsCompleted) { return; }
                Addons = reading.GetAwaiter().GetResult();
                AddonWatcher.Watch(new List<KnownAddon>(Addons).ConvertAll(addon => addon.AssetPath));
                reading = null;
            }
            if (!AddonWatcher.TakeChanged()) { return; }
            List<(string Module, string AssetPath, string Folder)> found = ListFolders();
            reading = Background.Run(found.Count > 0, () => found.ConvertAll(Read), () => Wake());
        }

        public IReadOnlyList<string> ListHandlers(KnownAddon addon) => GetHandlers().List(addon);

        public Func<AiArguments, object> FindHandler(KnownAddon addon, string tool, out string problem) =>
            GetHandlers().Find(addon, tool, out problem);

        public object FindObject(string uuid, out string name)
        {
            GameObject found = Scene.FindObject(uuid);
            name = found == null ? null : found.name;
            return found == null ? null : found;
        }

        public object FindMaterial(string name)
        {
            string only = null;
            foreach (string guid in AssetDatabase.FindAssets("t:Material", new[] { "Assets" }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                if (Path.GetFileNameWithoutExtension(path) != name) { continue; }
                if (only != null) { return null; }
                only = path;
            }
            return only == null ? null : AssetDatabase.LoadAssetAtPath<Material>(only);
        }

        public IDisposable CaptureLog(Action<string> add) => new LogCapture(add);

        public string Describe(Exception error)
        {
            return ErrorText.Describe(error, (ProjectFolder, "PROJECT"),
                (Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "~"));
        }

        AddonHandlers GetHandlers() => handlers = handlers ?? new AddonHandlers();

        List<(string Module, string AssetPath, string Folder)> ListFolders()
        {
            List<(string, string, string)> found = new List<(string, string, string)>();
            packages.Clear();
            foreach (PackageInfo package in PackageInfo.GetAllRegisteredPackages())
            {
                packages.Add(package.name);
                bool hasManifest = File.Exists(Path.Combine(package.resolvedPath, AddonFolder.ManifestName));
                if (hasManifest) { found.Add((package.name, package.assetPath, package.resolvedPath)); }
            }
            string search = Path.GetFileNameWithoutExtension(AddonFolder.ManifestName);
            foreach (string guid in AssetDatabase.FindAssets(search, new[] { "Assets" }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                if (Path.GetFileName(path) != AddonFolder.ManifestName) { continue; }
                string folder = path.Substring(0, path.LastIndexOf('/'));
                found.Add((folder, folder, Path.Combine(ProjectFolder, folder)));
            }
            packages.Sort(string.CompareOrdinal);
            found.Sort((one, other) => string.CompareOrdinal(one.Item2, other.Item2));
            if (found.Count <= MaxAddons) { return found; }
            Debug.LogWarning("VibeSync offers the first " + MaxAddons + " of " + found.Count + " add-ons.");
            return found.GetRange(0, MaxAddons);
        }

        /// <summary>Runs on a thread of its own; only one at a time.</summary>
        KnownAddon Read((string Module, string AssetPath, string Folder) source)
        {
            AddonFolder disk = AddonFolder.Read(source.Folder);
            if (!loaded.ContainsKey(source.Folder)) { loaded[source.Folder] = disk; }
            return new KnownAddon(source.Module, source.AssetPath, disk, loaded[source.Folder]);
        }

        /// <summary>Passes on what is logged on the main thread.</summary>
        sealed class LogCapture : IDisposable
        {
            readonly Action<string> add;

            internal LogCapture(Action<string> add)
            {
                this.add = add;
                Application.logMessageReceived += OnMessage;
            }

            public void Dispose() => Application.logMessageReceived -= OnMessage;

            void OnMessage(string text, string stack, LogType type) => add(type + ": " + text);
        }
    }
}
