using System;
using System.Collections.Generic;
using System.IO;
using System.Text;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Discovery
{
    /// <summary>The file by which a running daemon announces itself in the runtime folder.</summary>
    public sealed class DiscoveryFile
    {
        const int MaxBytes = 65536;

        public string ProjectId { get; private set; }

        /// <summary>The absolute folder of the project that the daemon serves.</summary>
        public string ProjectRoot { get; private set; }

        public string Host { get; private set; }

        public int Port { get; private set; }

        public string TokenPath { get; private set; }

        /// <summary>Reads the text of one file; throws VS-1006 or VS-1003 if it is not a discovery file.</summary>
        public static DiscoveryFile Parse(string text)
        {
            JsonValue json = JsonReader.Read(text);
            long schema = json.RequiredInteger("schema_version", "");
            if (schema != 1)
            {
                throw new SyncException(ErrorCode.VersionUnsupported, "schema is not 1", "schema_version");
            }
            long port = json.RequiredInteger("port", "");
            if (port < 1 || port > 65535)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "no such port", "port");
            }
            string projectId = json.RequiredString("project_id", "");
            if (!Uuid.IsValid(projectId))
            {
                throw new SyncException(ErrorCode.MessageMalformed, "not a uuid", "project_id");
            }
            return new DiscoveryFile
            {
                ProjectId = projectId,
                ProjectRoot = json.RequiredString("project_root", ""),
                Host = json.RequiredString("host", ""),
                Port = (int)port,
                TokenPath = json.RequiredString("token_path", ""),
            };
        }

        /// <summary>
        /// Returns one readable discovery file for each project. Skips broken files; a missing folder counts as empty.
        /// The first folder wins, unless the token that it names cannot be read and the one of another folder can.
        /// </summary>
        public static List<DiscoveryFile> ReadAll(IEnumerable<string> folders)
        {
            List<DiscoveryFile> found = new List<DiscoveryFile>();
            foreach (string folder in folders)
            {
                foreach (string path in ListFiles(folder))
                {
                    DiscoveryFile file = TryRead(path);
                    if (file != null) { Merge(found, file); }
                }
            }
            return found;
        }

        static string[] ListFiles(string folder)
        {
            try
            {
                return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : Array.Empty<string>();
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                return Array.Empty<string>();
            }
        }

        static DiscoveryFile TryRead(string path)
        {
            try
            {
                bool isSmall = new FileInfo(path).Length <= MaxBytes;
                return isSmall ? Parse(File.ReadAllText(path, Encoding.UTF8)) : null;
            }
            catch (Exception error) when (error is SyncException || error is IOException
                || error is UnauthorizedAccessException)
            {
                return null; // A damaged or half-replaced file must not hide the other daemons.
            }
        }

        static void Merge(List<DiscoveryFile> found, DiscoveryFile file)
        {
            int known = found.FindIndex(other => other.ProjectId == file.ProjectId);
            if (known < 0) { found.Add(file); }
            else if (!found[known].HasToken && file.HasToken) { found[known] = file; }
        }

        bool HasToken
        {
            get
            {
                try { return ReadToken() != null; }
                catch (SyncException) { return false; }
            }
        }

        /// <summary>
        /// Returns the 32 bytes of the token; throws VS-6005 if the file is missing or has other content.
        /// </summary>
        public byte[] ReadToken()
        {
            byte[] token = null;
            try
            {
                if (new FileInfo(TokenPath).Length <= 256) { token = Hex.Read(File.ReadAllText(TokenPath).Trim()); }
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException
                || error is ArgumentException)
            {
                throw new SyncException(ErrorCode.RuntimeFolder, "the token file cannot be read: "
                    + error.Message, TokenPath);
            }
            if (token == null || token.Length != 32)
            {
                throw new SyncException(ErrorCode.RuntimeFolder, "the token is not 64 hex digits", TokenPath);
            }
            return token;
        }
    }
}
