using System;
using System.Diagnostics;
using System.IO;
using NUnit.Framework;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Discovery;

namespace VibeSync.Tests.Adapter
{
    /// <summary>Links in paths of arguments. Only here, because .NET Standard 2.1 makes no links.</summary>
    public sealed class CapabilityLinkTests
    {
        [Test]
        public void LinkThatLeadsOutIsRefused()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(Path.Combine(folder, "project", ".vibesync"));
            Directory.CreateDirectory(Path.Combine(folder, "project", "inside"));
            try
            {
                string root = Path.Combine(folder, "project");
                Link("..", Path.Combine(root, "out"));
                Link(".vibesync", Path.Combine(root, "private"));
                Link("inside", Path.Combine(root, "good"));
                foreach (string refused in new[] { "out/a.png", "out/project-2/a.png", "private/token" })
                {
                    Assert.Throws<ArgumentMistake>(() =>
                        ArgumentValues.ResolvePath(refused, root, null, Platform.Unix), refused);
                }
                Assert.That(ArgumentValues.ResolvePath("good/a.png", root, null, Platform.Unix),
                    Is.EqualTo(Path.Combine(root, "good", "a.png")));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        static void Link(string target, string path)
        {
            using (Process link = Process.Start("ln", "-s " + target + " " + path))
            {
                link.WaitForExit();
                Assert.That(link.ExitCode, Is.EqualTo(0));
            }
        }
    }
}
