using System.Collections.Generic;
using System.IO;
using System;
using System.Runtime.InteropServices;
using NUnit.Framework;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Core;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that discovery files are read, and that the right daemon is picked.</summary>
    public sealed class DiscoveryTests
    {
        const string UuidA = "01920000-0000-7000-8000-00000000000a";
        const string UuidB = "01920000-0000-7000-8000-00000000000b";

        [Test]
        public void LinksToAProjectAreFollowed()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            string project = Path.Combine(folder, "\u00dcbung");
            string link = Path.Combine(folder, "link");
            Directory.CreateDirectory(project);
            try
            {
                Assert.That(MakeLink(project, link), Is.Zero);
                File.WriteAllText(Path.Combine(project, "a.unity"), "");
                List<DiscoveryFile> one = new List<DiscoveryFile> { Daemon(UuidA, project) };
                DiscoveryFile Pick(string path) => DaemonPicker.Pick(one, "", path, Platform.Unix,
                    each => SymbolicLinks.Resolve(each, Platform.Unix));
                Assert.That(Pick(Path.Combine(link, "a.unity")), Is.SameAs(one[0]));
                Assert.That(Pick(Path.Combine(folder, "a.unity")), Is.Null);
                Assert.That(SymbolicLinks.Resolve("/no/such/path", Platform.Unix), Is.EqualTo("/no/such/path"));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        [DllImport("libc", EntryPoint = "symlink")]
        static extern int MakeLink([MarshalAs(UnmanagedType.LPUTF8Str)] string target,
            [MarshalAs(UnmanagedType.LPUTF8Str)] string link);

        [TestCase("schema_version", 2)]
        [TestCase("port", 0)]
        [TestCase("port", 70000)]
        public void InvalidDiscoveryFileIsRefused(string key, int value)
        {
            string good = Discovery(UuidA, "/p");
            string bad = JsonWriter.Write(JsonReader.Read(good).With(key, value));
            Assert.Throws<SyncException>(() => DiscoveryFile.Parse(bad));
        }

        [TestCase("10.0.0.1")]
        [TestCase("evil.example")]
        public void DaemonOfAnotherMachineIsRefused(string host)
        {
            string bad = JsonWriter.Write(JsonReader.Read(Discovery(UuidA, "/p")).With("host", host));
            Assert.Throws<SyncException>(() => DiscoveryFile.Parse(bad));
        }

        [Test]
        public void DamagedDiscoveryFilesAreSkipped()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(folder);
            try
            {
                File.WriteAllText(Path.Combine(folder, "a.json"), "{half");
                File.WriteAllText(Path.Combine(folder, "b.json"), Discovery(UuidA, "/p"));
                File.WriteAllText(Path.Combine(folder, "c.json"), new string(' ', 70000));
                List<DiscoveryFile> found = DiscoveryFile.ReadAll(new[] { folder });
                Assert.That(found.ConvertAll(file => file.ProjectId), Is.EqualTo(new[] { UuidA }));
                Assert.That(Assert.Throws<SyncException>(() => found[0].ReadToken()).Code, Is.EqualTo("VS-6005"));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
            Assert.That(DiscoveryFile.ReadAll(new[] { folder }), Is.Empty);
        }

        [Test]
        public void FirstFolderWithAReadableTokenWins()
        {
            string folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            string[] places = { Path.Combine(folder, "session"), Path.Combine(folder, "home") };
            try
            {
                foreach (string place in places)
                {
                    Directory.CreateDirectory(place);
                    File.WriteAllText(Path.Combine(place, "token"), new string('0', 64));
                    JsonValue file = JsonReader.Read(Discovery(UuidA, place));
                    file.With("token_path", Path.Combine(place, "token"));
                    File.WriteAllText(Path.Combine(place, UuidA + ".json"), JsonWriter.Write(file));
                }
                Assert.That(Roots(places), Is.EqualTo(new[] { places[0] }));
                File.Delete(Path.Combine(places[0], "token"));
                Assert.That(Roots(places), Is.EqualTo(new[] { places[1] }));
                File.Delete(Path.Combine(places[1], "token"));
                Assert.That(Roots(places), Is.EqualTo(new[] { places[0] }));
                Assert.That(Roots("/missing", places[1]), Is.EqualTo(new[] { places[1] }));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
        }

        static List<string> Roots(params string[] folders)
        {
            return DiscoveryFile.ReadAll(folders).ConvertAll(file => file.ProjectRoot);
        }

        static DiscoveryFile Daemon(string projectId, string root) => DiscoveryFile.Parse(Discovery(projectId, root));

        static string Discovery(string projectId, string root)
        {
            return JsonWriter.Write(JsonValue.Object().With("schema_version", 1).With("project_id", projectId)
                .With("project_root", root).With("host", "127.0.0.1").With("port", 4000)
                    .With("token_path", "/no/token"));
        }
    }
}
