using System.IO;

namespace VibeSync.Core
{
    /// <summary>Writes files so that a crash leaves the old one or the new one, never a part.</summary>
    public static class WholeFile
    {
        /// <summary>Writes aside, lets the disk have it, and puts it in place; makes the folder where it is missing.</summary>
        public static void Write(string path, byte[] bytes)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path));
            string aside = path + ".new";
            using (FileStream file = new FileStream(aside, FileMode.Create, FileAccess.Write))
            {
                file.Write(bytes, 0, bytes.Length);
                file.Flush(true);
            }
            if (File.Exists(path)) { File.Replace(aside, path, null); }
            else { File.Move(aside, path); }
        }
    }
}
