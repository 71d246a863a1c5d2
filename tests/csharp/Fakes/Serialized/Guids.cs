using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;

namespace UnityFakes
{
    /// <summary>
    /// The ids of files. That of a material or picture is in a .meta file, which moves with it, with the settings of the
    /// importer. A prefab has one that is made of its path; for any other file the fakes use the path itself.
    /// </summary>
    internal static class Guids
    {
        static readonly Dictionary<string, string> Paths = new Dictionary<string, string>();

        internal static string Of(string path)
        {
            if (!path.EndsWith(".mat", StringComparison.Ordinal) && !Pictures.IsPicture(path)) { return path; }
            string meta = MetaOf(path);
            if (!File.Exists(meta)) { File.WriteAllText(meta, Guid.NewGuid().ToString("N") + "\n"); }
            string guid = File.ReadAllText(meta).Split('\n')[0];
            Paths[guid] = path;
            return guid;
        }

        /// <summary>Returns the id of a prefab: the fakes make it of the path.</summary>
        internal static string OfPrefab(string path)
        {
            byte[] digest;
            using (MD5 md5 = MD5.Create()) { digest = md5.ComputeHash(Encoding.UTF8.GetBytes(path)); }
            string guid = new Guid(digest).ToString("N");
            Paths[guid] = path;
            return guid;
        }

        /// <summary>Returns the settings of the importer that were saved last.</summary>
        internal static string SettingsOf(string path)
        {
            string guid = Of(path);
            return File.ReadAllText(MetaOf(path)).Substring(guid.Length);
        }

        internal static void SetSettings(string path, string settings) => File.WriteAllText(MetaOf(path), Of(path) + "\n" + settings);

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
