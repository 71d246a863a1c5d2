using System.IO;

namespace VibeSync.Core
{
    /// <summary>Writes files so that a crash leaves the old file or the new one, never a part.</summary>
    public static class AtomicFile
    {
        /// <summary>
        /// Writes a temporary file, flushes it to disk, and moves it into place. Creates the folder if it is missing.
        /// </summary>
        public static void Write(string path, byte[] bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path));
            string temporary = path + ".new";
            using (FileStream file = new FileStream(temporary, FileMode.Create, FileAccess.Write))
            {
                file.Write(bytes, 0, bytes.Length);
                file.Flush(true);
            }
            if (File.Exists(path)) { File.Replace(temporary, path, null); }
            else { File.Move(temporary, path); }
        }
    }
}
