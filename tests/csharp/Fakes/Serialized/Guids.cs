using System;
using System.Collections.Generic;
using System.IO;

namespace UnityFakes
{
    /// <summary>
    /// The ids of files. That of a material is in a .meta file, which moves with it; for any other file the fakes use the path.
    /// </summary>
    internal static class Guids
    {
        static readonly Dictionary<string, string> Paths = new Dictionary<string, string>();

        internal static string Of(string path)
        {
            if (!path.EndsWith(".mat", StringComparison.Ordinal)) { return path; }
            string meta = MetaOf(path);
            if (!File.Exists(meta)) { File.WriteAllText(meta, Guid.NewGuid().ToString("N")); }
            string guid = File.ReadAllText(meta);
            Paths[guid] = path;
            return guid;
        }

        internal static string ToPath(string guid) =>
            guid.Contains("/") ? guid : Paths.TryGetValue(guid, out string path) ? path : "";

        internal static void Forget(string path) => File.Delete(MetaOf(path));

        internal static void Move(string from, string to)
        {
            Of(from);
            if (File.Exists(MetaOf(from))) { File.Move(MetaOf(from), MetaOf(to)); }
            Of(to);
        }

        static string MetaOf(string path) => AssetFile.FullPath(path) + ".meta";
    }
}
