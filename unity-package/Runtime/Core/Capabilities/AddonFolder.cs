using System;
using System.Collections.Generic;
using System.IO;
using System.Security.Cryptography;
using System.Text;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Capabilities
{
    /// <summary>
    /// The files of an add-on on the disk: its manifest, and a digest of all files in its folder. Reading runs on any thread.
    /// </summary>
    public sealed class AddonFolder
    {
        public const string ManifestName = "addon_ai.json";

        const int MaxManifestBytes = 256 << 10;
        const int MaxFiles = 2000;
        const int MaxFolders = 2000;
        const int MaxDepth = 32;
        const long MaxBytes = 64L << 20;

        /// <summary>Folders of version control, whose content no script is made of.</summary>
        static readonly string[] SkippedFolders = { ".git", ".hg", ".svn" };

        /// <summary>The files that Unity makes assemblies of; a change of another file needs no domain reload.</summary>
        static readonly string[] SourceEndings = { ".cs", ".asmdef", ".asmref", ".rsp", ".dll" };

        static readonly UTF8Encoding StrictUtf8 = new UTF8Encoding(false, true);

        AddonFolder(string path)
        {
            Path = path;
        }

        /// <summary>The absolute path of the folder.</summary>
        public string Path { get; }

        /// <summary>The text of the manifest; null if it cannot be read.</summary>
        public string ManifestText { get; private set; }

        /// <summary>SHA-256 of the manifest's bytes in hexadecimal; null if it cannot be read.</summary>
        public string ManifestDigest { get; private set; }

        /// <summary>SHA-256 over all files; null if they are too many, too large or cannot be read.</summary>
        public string CodeDigest { get; private set; }

        /// <summary>The same over the files that Unity makes assemblies of.</summary>
        public string SourceDigest { get; private set; }

        /// <summary>The number of files, as far as they were counted.</summary>
        public int Files { get; private set; }

        /// <summary>The reason why the add-on cannot be used; null if there is none.</summary>
        public SyncException Problem { get; private set; }

        /// <summary>Whether two readings found the same files.</summary>
        public bool IsSameAs(AddonFolder other) => ManifestDigest == other.ManifestDigest
            && CodeDigest == other.CodeDigest && Problem?.Message == other.Problem?.Message;

        /// <summary>Reads a folder; a problem is part of the result.</summary>
        public static AddonFolder Read(string path)
        {
            AddonFolder folder = new AddonFolder(path);
            try
            {
                folder.ReadManifest();
                folder.ReadFiles();
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                folder.Problem = new SyncException(ErrorCode.ManifestRefused, error.Message, path);
            }
            catch (SyncException error)
            {
                folder.Problem = error;
            }
            return folder;
        }

        void ReadManifest()
        {
            string file = System.IO.Path.Combine(Path, ManifestName);
            byte[] bytes = ReadBytes(file, MaxManifestBytes)
                ?? throw new SyncException(ErrorCode.ManifestRefused, "the manifest is larger than 256 KiB", file);
            using (SHA256 sha = SHA256.Create()) { ManifestDigest = Hex.Write(sha.ComputeHash(bytes)); }
            try
            {
                ManifestText = StrictUtf8.GetString(bytes);
            }
            catch (DecoderFallbackException)
            {
                throw new SyncException(ErrorCode.ManifestRefused, "the manifest is not UTF-8", file);
            }
        }

        /// <summary>Lists the files first, so that nothing is read of a folder that is too large.</summary>
        void ReadFiles()
        {
            SortedDictionary<string, string> files = new SortedDictionary<string, string>(StringComparer.Ordinal);
            int folders = 0;
            List(Path, "", 0, files, ref folders);
            Files = files.Count;
            long left = MaxBytes;
            StringBuilder all = new StringBuilder();
            StringBuilder sources = new StringBuilder();
            using (SHA256 sha = SHA256.Create())
            {
                foreach (KeyValuePair<string, string> file in files)
                {
                    byte[] bytes = ReadBytes(file.Value, left) ?? throw MakeTooLarge();
                    left -= bytes.Length;
                    string line = file.Key + "\0" + Hex.Write(sha.ComputeHash(bytes)) + "\n";
                    all.Append(line);
                    if (IsSource(file.Key)) { sources.Append(line); }
                }
                CodeDigest = Hex.Write(sha.ComputeHash(Encoding.UTF8.GetBytes(all.ToString())));
                SourceDigest = Hex.Write(sha.ComputeHash(Encoding.UTF8.GetBytes(sources.ToString())));
            }
            foreach (string name in files.Keys)
            {
                if (name.EndsWith(".asmdef", StringComparison.OrdinalIgnoreCase)) { return; }
            }
            throw new SyncException(ErrorCode.HandlerMissing,
                "the folder has no assembly definition, so no handler can belong to it", Path);
        }

        static void List(string folder, string prefix, int depth, SortedDictionary<string, string> files,
            ref int folders)
        {
            // A link that leads back into the folder ends at these limits too.
            if (++folders > MaxFolders || depth > MaxDepth) { throw MakeTooLarge(); }
            foreach (string file in Directory.EnumerateFiles(folder))
            {
                files[prefix + System.IO.Path.GetFileName(file)] = file;
                if (files.Count > MaxFiles) { throw MakeTooLarge(); }
            }
            foreach (string inside in Directory.EnumerateDirectories(folder))
            {
                string name = System.IO.Path.GetFileName(inside);
                if (Array.IndexOf(SkippedFolders, name) >= 0) { continue; }
                List(inside, prefix + name + "/", depth + 1, files, ref folders);
            }
        }

        static bool IsSource(string name)
        {
            return Array.Exists(SourceEndings, ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
        }

        static SyncException MakeTooLarge()
        {
            return new SyncException(ErrorCode.NotAllowed,
                "the folder has more than 2,000 files or 64 MiB, so its state cannot be allowed");
        }

        /// <summary>Returns the bytes of a file; null if they are more than <paramref name="most"/>.</summary>
        static byte[] ReadBytes(string path, long most)
        {
            using (FileStream stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite))
            using (MemoryStream read = new MemoryStream())
            {
                byte[] buffer = new byte[65536];
                int count;
                while ((count = stream.Read(buffer, 0, buffer.Length)) > 0)
                {
                    if (read.Length + count > most) { return null; }
                    read.Write(buffer, 0, count);
                }
                return read.ToArray();
            }
        }
    }
}
