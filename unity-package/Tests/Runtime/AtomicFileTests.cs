using System.IO;
using System.Linq;
using System;
using NUnit.Framework;
using VibeSync.Core;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that a file is replaced as a whole.</summary>
    public sealed class AtomicFileTests
    {
        [Test]
        public void OldFileStaysWhenAWriteFails()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-file-" + Guid.NewGuid().ToString("N"));
            try
            {
                string path = Path.Combine(folder, "file");
                AtomicFile.Write(path, new byte[] { 1 });
                // The new content cannot be written.
                Directory.CreateDirectory(path + ".new");
                Assert.That(() => AtomicFile.Write(path, new byte[] { 2 }), Throws.InstanceOf<Exception>());
                Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 1 }));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        [Test]
        public void FileIsReplacedAtomically()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-file-" + Guid.NewGuid().ToString("N"));
            try
            {
                string path = Path.Combine(folder, "deep", "file");
                AtomicFile.Write(path, new byte[] { 1, 2, 3 });
                // A crash during a write leaves such a file, which must not block the next write.
                File.WriteAllBytes(path + ".new", new byte[9]);
                AtomicFile.Write(path, new byte[] { 4 });
                Assert.That(File.ReadAllBytes(path), Is.EqualTo(new byte[] { 4 }));
                Assert.That(Directory.GetFiles(Path.GetDirectoryName(path)).Select(Path.GetFileName),
                    Is.EqualTo(new[] { "file" }));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }
    }
}
