using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that the registry is read completely or not at all.</summary>
    public sealed class RegistryTests
    {
        const string UuidA = "01920000-0000-7000-8000-00000000000a";
        const string UuidB = "01920000-0000-7000-8000-00000000000b";
        const string UuidC = "01920000-0000-7000-8000-00000000000c";

        static Registry MakeRegistry(params string[] uuids)
        {
            Registry registry = new Registry
            {
                ProjectId = UuidC,
                Epochs = "[{\"id\":\"" + UuidA + "\",\"first_seq\":1}]",
                DivergedAfter = 5,
            };
            registry.RaiseBaseSeq(7);
            registry.RaiseLastSeq(9);
            foreach (string uuid in uuids)
            {
                SyncRecord entry = new SyncRecord { Version = 6 };
                entry.Digests["transform"] = ulong.MaxValue;
                entry.Digests["name"] = 0x1f;
                registry.Save(uuid, entry);
            }
            registry.Tombstone(UuidC, 8);
            return registry;
        }

        static string ReadCode(string text)
        {
            try
            {
                RegistryDocument.Read(text, "scene");
                return "";
            }
            catch (SyncException error)
            {
                return error.Code;
            }
        }

        static Registry ReadFirst(string scene, string sidecar, List<SyncException> problems)
        {
            return RegistryDocument.ReadFirst(new[]
            {
                new KeyValuePair<string, string>("scene", scene),
                new KeyValuePair<string, string>("sidecar", sidecar),
            }, problems);
        }

        /// <summary>Returns a document of another schema version, with the right checksum.</summary>
        static string MakeVersion(long version)
        {
            string text = RegistryDocument.Write(MakeRegistry(UuidA));
            JsonValue body = JsonReader.Read(text).Required("body", "").With("schema_version", version);
            string sum;
            using (System.Security.Cryptography.SHA256 sha = System.Security.Cryptography.SHA256.Create())
            {
                sum = VibeSync.Core.Wire.Hex.Write(
                    sha.ComputeHash(System.Text.Encoding.UTF8.GetBytes(JsonWriter.Write(body))));
            }
            return JsonWriter.Write(JsonValue.Object().With("schema_version", version).With("checksum", sum)
                .With("body", body));
        }

        [Test]
        public void RegistryIsReadAsItWasWritten()
        {
            Registry read = RegistryDocument.Read(RegistryDocument.Write(MakeRegistry(UuidA, UuidB)), "scene");
            Assert.That((read.ProjectId, read.BaseSeq, read.LastSeq, read.DivergedAfter),
                Is.EqualTo((UuidC, 7L, 9L, (long?)5)));
            Assert.That(read.Epochs, Is.EqualTo("[{\"id\":\"" + UuidA + "\",\"first_seq\":1}]"));
            Assert.That(read.Entries.Keys, Is.EquivalentTo(new[] { UuidA, UuidB }));
            Assert.That(read.Load(UuidA).Version, Is.EqualTo(6));
            Assert.That(read.Load(UuidA).Digests, Is.EquivalentTo(new Dictionary<string, ulong>
            {
                ["transform"] = ulong.MaxValue, ["name"] = 0x1f,
            }));
            Assert.That(read.Tombstones, Is.EqualTo(new Dictionary<string, long> { [UuidC] = 8 }));
        }

        [Test]
        public void SameRegistryGivesTheSameText()
        {
            Assert.That(RegistryDocument.Write(MakeRegistry(UuidA, UuidB)),
                Is.EqualTo(RegistryDocument.Write(MakeRegistry(UuidB, UuidA))));
        }

        [Test]
        public void DocumentIsRefusedWhenOneCharacterIsFlipped()
        {
            string text = RegistryDocument.Write(MakeRegistry(UuidA));
            for (int i = 0; i < text.Length; i++)
            {
                foreach (int bit in new[] { 1, 2, 4, 32 })
                {
                    string flipped = text.Substring(0, i) + (char)(text[i] ^ bit) + text.Substring(i + 1);
                    Assert.That(ReadCode(flipped), Is.EqualTo("VS-7001"), flipped);
                }
            }
        }

        [Test]
        public void DocumentIsRefusedWhenItIsCutOff()
        {
            string text = RegistryDocument.Write(MakeRegistry(UuidA));
            for (int i = 0; i < text.Length; i++)
            {
                Assert.That(ReadCode(text.Substring(0, i)), Is.EqualTo("VS-7001"));
            }
        }

        [TestCase(1, "")]
        [TestCase(2, "VS-5008")]
        [TestCase(0, "VS-7001")]
        public void NewerSchemaIsRefusedWhole(long version, string code)
        {
            Assert.That(ReadCode(MakeVersion(version)), Is.EqualTo(code));
        }

        [Test]
        public void SidecarIsReadOnlyWithoutAReadableSceneCopy()
        {
            string scene = RegistryDocument.Write(MakeRegistry(UuidA));
            string sidecar = RegistryDocument.Write(MakeRegistry(UuidB));
            List<SyncException> problems = new List<SyncException>();
            Assert.That(ReadFirst(scene, sidecar, problems).Entries.Keys, Is.EqualTo(new[] { UuidA }));
            Assert.That(ReadFirst(null, sidecar, problems).Entries.Keys, Is.EqualTo(new[] { UuidB }));
            Assert.That(ReadFirst(scene, "damaged", problems).Entries.Keys, Is.EqualTo(new[] { UuidA }));
            Assert.That(ReadFirst(null, null, problems), Is.Null);
            Assert.That(problems, Is.Empty);
            Assert.That(ReadFirst(scene + " x", sidecar, problems).Entries.Keys, Is.EqualTo(new[] { UuidB }));
            Assert.That(problems.ConvertAll(error => error.Code + error.Location), Is.EqualTo(new[] { "VS-7001scene" }));
        }

        [TestCase("damaged", null, "VS-7001")]
        [TestCase(null, "damaged", "VS-7001")]
        [TestCase("damaged", "damaged", "VS-7001")]
        [TestCase("newer", "good", "VS-5008")]
        [TestCase("damaged", "newer", "VS-5008")]
        public void NoCopyIsUsedWhenNoneCountsAsCurrent(string scene, string sidecar, string code)
        {
            string Make(string kind) => kind == "newer" ? MakeVersion(RegistryDocument.SchemaVersion + 1)
                : kind == "good" ? MakeVersion(RegistryDocument.SchemaVersion) : kind;
            SyncException error = Assert.Throws<SyncException>(() =>
                ReadFirst(Make(scene), Make(sidecar), new List<SyncException>()));
            Assert.That(error.Code, Is.EqualTo(code));
        }

        [Test]
        public void LaterRecordsAreForgottenWhenTheLogLostThem()
        {
            Registry registry = MakeRegistry(UuidA);
            registry.Save(UuidB, new SyncRecord { Version = 3 });
            registry.ForgetAfter(5);
            Assert.That(registry.Entries.Keys, Is.EqualTo(new[] { UuidB }));
            Assert.That(registry.Tombstones, Is.Empty);
            Assert.That((registry.BaseSeq, registry.LastSeq, registry.DivergedAfter), Is.EqualTo((5L, 5L, (long?)5)));
        }
    }
}
