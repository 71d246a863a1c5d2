using System;
using System.IO;
using System.Text;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// The second copy of the registry: a file beside the scene. Its name begins with a dot, so Unity neither imports
    /// it nor gives it a .meta file.
    /// </summary>
    public static class RegistrySidecar
    {
        /// <summary>Returns the path of a scene's sidecar.</summary>
        /// <param name="scenePath">The path of the scene; Unity's are relative to the project.</param>
        public static string PathOf(string scenePath)
        {
            string full = Path.Combine(Path.GetDirectoryName(Application.dataPath), scenePath);
            return Path.Combine(Path.GetDirectoryName(full), "." + Path.GetFileName(full) + ".vibesync.json");
        }

        /// <summary>
        /// Returns the text of a scene's sidecar; null without one. A file that cannot be read gives a text that is no
        /// registry.
        /// </summary>
        public static string Read(string scenePath)
        {
            if (string.IsNullOrEmpty(scenePath)) { return null; }
            try
            {
                FileInfo file = new FileInfo(PathOf(scenePath));
                if (!file.Exists) { return null; }
                return file.Length > RegistryDocument.MaxCharacters ? ""
                    : new UTF8Encoding(false, true).GetString(File.ReadAllBytes(file.FullName));
            }
            catch (Exception error) when (IsOfFile(error) || error is DecoderFallbackException)
            {
                return "";
            }
        }

        /// <summary>
        /// Writes the sidecar of a scene that was saved. A failure is a warning, because the scene has the registry
        /// anyway.
        /// </summary>
        public static void Write(string scenePath, string text)
        {
            try
            {
                AtomicFile.Write(PathOf(scenePath), Encoding.UTF8.GetBytes(text));
            }
            catch (Exception error) when (IsOfFile(error))
            {
                Debug.LogWarning("VibeSync " + ErrorCode.EditorRegistryDamaged + ": the sidecar of " + scenePath
                    + " can't be written: " + error.Message);
            }
        }

        static bool IsOfFile(Exception error)
        {
            return error is IOException || error is UnauthorizedAccessException || error is ArgumentException
                || error is NotSupportedException;
        }
    }
}
