using System;
using System.IO;
using NUnit.Framework;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Discovery;

namespace VibeSync.Tests.Core
{
    /// <summary>The digests of an add-on's folder, and the paths that arguments name.</summary>
    public sealed class AddonFolderTests
    {
        string folder;

        [SetUp]
        public void MakeFolder()
        {
            folder = Path.Combine(Path.GetTempPath(), "vibesync-test-" + Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(Path.Combine(folder, "Editor"));
            Write(AddonFolder.ManifestName, "{\"addon_info\": {\"id\": \"a\"}}");
            Write("Editor/A.asmdef", "{}");
            Write("Editor/A.cs", "class A { }");
            Write("icon.png", "1");
        }

        [TearDown]
        public void RemoveFolder() => Directory.Delete(folder, true);

        void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);

        [Test]
        public void DigestChangesWithAnyFile()
        {
            AddonFolder first = AddonFolder.Read(folder);
            Assert.That(first.Problem, Is.Null);
            Assert.That(first.Files, Is.EqualTo(4));
            Assert.That(AddonFolder.Read(folder).CodeDigest, Is.EqualTo(first.CodeDigest));
            Write("icon.png", "2");
            AddonFolder image = AddonFolder.Read(folder);
            Assert.That(image.CodeDigest, Is.Not.EqualTo(first.CodeDigest));
            Assert.That(image.SourceDigest, Is.EqualTo(first.SourceDigest), "no code");
            File.Move(Path.Combine(folder, "Editor", "A.cs"), Path.Combine(folder, "Editor", "B.cs"));
            AddonFolder renamed = AddonFolder.Read(folder);
            Assert.That(renamed.CodeDigest, Is.Not.EqualTo(image.CodeDigest));
            Assert.That(renamed.SourceDigest, Is.Not.EqualTo(image.SourceDigest));
            Directory.CreateDirectory(Path.Combine(folder, ".git"));
            Write(".git/index", "1");
            Assert.That(AddonFolder.Read(folder).CodeDigest, Is.EqualTo(renamed.CodeDigest));
        }

        [Test]
        public void FolderThatIsTooLargeHasNoDigest()
        {
            for (int i = 0; i < 2000; i++) { Write(i + ".txt", ""); }
            AddonFolder read = AddonFolder.Read(folder);
            Assert.That(read.CodeDigest, Is.Null);
            Assert.That(read.ManifestDigest, Is.Not.Null);
            Assert.That(read.Problem.Code, Is.EqualTo("VS-9105"));
        }

        [Test]
        public void ManifestThatIsTooLargeIsAProblem()
        {
            Write(AddonFolder.ManifestName, new string(' ', (256 << 10) + 1));
            Assert.That(AddonFolder.Read(folder).Problem.Code, Is.EqualTo("VS-9101"));
        }

        [Test]
        public void FolderWithoutAssemblyDefinitionIsAProblem()
        {
            File.Delete(Path.Combine(folder, "Editor", "A.asmdef"));
            Assert.That(AddonFolder.Read(folder).Problem.Code, Is.EqualTo("VS-9109"));
        }

        [Test]
        public void PathsAreBelowTheProjectOrBesideTheScene()
        {
            string scene = Path.Combine(folder, "Editor");
            Assert.That(ArgumentValues.ResolvePath("new/a.png", folder, scene, Platform.Unix),
                Is.EqualTo(Path.Combine(folder, "new", "a.png")));
            Assert.That(ArgumentValues.ResolvePath("//a.png", folder, scene, Platform.Unix),
                Is.EqualTo(Path.Combine(scene, "a.png")));
            Assert.Throws<ArgumentMistake>(() => ArgumentValues.ResolvePath("//a.png", folder, null, Platform.Unix));
        }
    }
}
