using System;
using System.Collections.Generic;
using System.IO;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    public sealed class SessionPartsTests
    {
        const string UuidA = "01920000-0000-7000-8000-00000000000a";
        const string UuidB = "01920000-0000-7000-8000-00000000000b";

        [Test]
        public void TransformMatchesWithinRounding()
        {
            double half = 0.5;
            TransformComponent sent = MakeTransform(1, half, 1);
            Assert.That(sent.Matches(MakeTransform(1 + 9e-6, half, 1)));
            Assert.That(sent.Matches(MakeTransform(1 + 2e-5, half, 1)), Is.False);
            Assert.That(sent.Matches(MakeTransform(1, half, 1 + 2e-5)), Is.False);
            Assert.That(sent.Matches(MakeTransform(1, -half, 1)), "the same rotation by the other sign");
            Assert.That(sent.Matches(MakeTransform(1, half + 4e-6, 1)));
            Assert.That(sent.Matches(MakeTransform(1, half + 6e-6, 1)), Is.False, "1.2e-5 apart, all four together");
            TransformComponent far = MakeTransform(1e6, half, 1);
            Assert.That(far.Matches(MakeTransform(1e6 + 0.25, half, 1)), "the resolution of single precision");
        }

        static TransformComponent MakeTransform(double y, double part, double scale)
        {
            return new TransformComponent(new[] { 0, y, 0 }, new[] { part, part, part, part }, new[] { 1, 1, scale });
        }

        [Test]
        public void SavedOutboxLoadsByteIdentical()
        {
            Outbox outbox = new Outbox();
            Entity content = new Entity(UuidA, Kinds.Object);
            content.Set(new NameComponent("Ä"));
            outbox.Add(UuidB, 7, new List<Change> { new Change(ChangeOp.Create, UuidA, content) }, () => { });
            Outbox loaded = new Outbox();
            loaded.Load(outbox.Save(1 << 20));
            Assert.That(loaded.Intents[0].Bytes, Is.EqualTo(outbox.Intents[0].Bytes));
            Assert.That(loaded.Intents[0].OperationId, Is.EqualTo(outbox.Intents[0].OperationId));
            Assert.That(loaded.Intents[0].Changes[0].Content.Find<NameComponent>("name").Name, Is.EqualTo("Ä"));
            Assert.That(outbox.Save(10), Is.Empty, "an intent above the limit is left out");
        }

        [Test]
        public void SavedReplicaLoadsWithoutDamagedLines()
        {
            Replica replica = new Replica();
            SyncRecord record = new SyncRecord { Version = 9 };
            record.Digests["name"] = ulong.MaxValue;
            replica.Set(UuidA, record);
            replica.Set(UuidB, new SyncRecord { Version = 4 });
            replica.MarkSent(new Change(ChangeOp.Delete, UuidB, null));
            Replica loaded = new Replica();
            loaded.Load(replica.Save() + "\nnot a line\n" + UuidB + " x y\n");
            Assert.That(loaded.Uuids, Is.EqualTo(new[] { UuidA }));
            Assert.That(loaded.PendingDeletes, Is.EqualTo(new Dictionary<string, long> { [UuidB] = 4 }));
            Assert.That(loaded.Find(UuidA).Version, Is.EqualTo(9));
            Assert.That(loaded.Find(UuidA).Digests["name"], Is.EqualTo(ulong.MaxValue));
        }

        [Test]
        public void BackoffDoublesToItsMaximumAndResets()
        {
            Backoff backoff = new Backoff(1);
            double last = 0;
            for (int i = 0; i < 12; i++)
            {
                last = backoff.NextDelay();
                Assert.That(last, Is.InRange(0.125, 8.0));
            }
            Assert.That(last, Is.GreaterThanOrEqualTo(4.0));
            backoff.Reset();
            Assert.That(backoff.NextDelay(), Is.LessThanOrEqualTo(0.25));
            Assert.That(new Backoff(1).NextDelay(), Is.Not.EqualTo(new Backoff(2).NextDelay()));
        }

        [Test]
        public void DaemonIsSilentAfterTenIntervalsOfARunningEditor()
        {
            Heartbeat heartbeat = new Heartbeat { Interval = 1 };
            heartbeat.Start(0);
            for (int second = 1; second <= 10; second++)
            {
                Assert.That(heartbeat.TryBeginPing(second));
                Assert.That(heartbeat.IsSilent(second), Is.False);
            }
            Assert.That(heartbeat.IsSilent(11));
            heartbeat.Start(0);
            heartbeat.TryBeginPing(60);
            Assert.That(heartbeat.IsSilent(60), Is.False, "the editor itself stood still for a minute");
        }

        [Test]
        public void OnlyTheDaemonOfTheStoredProjectIsPicked()
        {
            List<DiscoveryFile> both = new List<DiscoveryFile> { Daemon(UuidA, "/home/ada/robot"),
                Daemon(UuidB, "/home/ada") };
            Assert.That(DaemonPicker.Pick(both, UuidB, "/home/ada/robot/x").ProjectId, Is.EqualTo(UuidB));
            Assert.That(DaemonPicker.Pick(both, "01920000-0000-7000-8000-0000000000ff", "/home/ada/robot"), Is.Null);
            Assert.That(DaemonPicker.Pick(both, "", "/home/ada/robot/Assets/a.unity").ProjectId, Is.EqualTo(UuidA));
            Assert.That(DaemonPicker.Pick(both, "", "/home/ada/robots").ProjectId, Is.EqualTo(UuidB));
            Assert.That(DaemonPicker.Pick(both, "", "/elsewhere"), Is.Null);
            Assert.That(DaemonPicker.Pick(both.GetRange(0, 1), "", "/elsewhere").ProjectId, Is.EqualTo(UuidA));
        }

        [Test]
        public void WindowsPathsIgnoreCase()
        {
            List<DiscoveryFile> both = new List<DiscoveryFile> { Daemon(UuidA, "C:\\Robot\\"), Daemon(UuidB, "D:\\x") };
            Assert.That(DaemonPicker.Pick(both, "", "c:/robot/Unity/Assets/a.unity").ProjectId, Is.EqualTo(UuidA));
        }

        [TestCase("schema_version", 2)]
        [TestCase("port", 0)]
        [TestCase("port", 70000)]
        public void InvalidDiscoveryFileIsRefused(string key, int value)
        {
            string good = Discovery(UuidA, "/p");
            string bad = JsonWriter.Write(JsonReader.Read(good).With(key, value));
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
                List<DiscoveryFile> found = DiscoveryFile.ReadAll(folder);
                Assert.That(found.ConvertAll(file => file.ProjectId), Is.EqualTo(new[] { UuidA }));
                Assert.That(Assert.Throws<SyncException>(() => found[0].ReadToken()).Code, Is.EqualTo("VS-6005"));
            }
            finally
            {
                Directory.Delete(folder, true);
            }
            Assert.That(DiscoveryFile.ReadAll(folder), Is.Empty);
        }

        [TestCase("\t\n", "  ")]
        [TestCase("", "Unnamed")]
        [TestCase(null, "Unnamed")]
        public void NameIsMadeValidForTheWire(string name, string expected)
        {
            Assert.That(NameComponent.FromEditor(name).Name, Is.EqualTo(expected));
        }

        [Test]
        public void LongNameIsCutBetweenCharacters()
        {
            string name = NameComponent.FromEditor(new string('a', 254) + "😀😀").Name;
            Assert.That(name, Is.EqualTo(new string('a', 254)));
        }

        [TestCase("{\"translation\":[0,0,0],\"rotation\":[0,0,0,0.99],\"scale\":[1,1,1]}", "VS-3003")]
        [TestCase("{\"translation\":[0,0,1e300],\"rotation\":[0,0,0,1],\"scale\":[1,1,1]}", "VS-3003")]
        [TestCase("{\"translation\":[0,0],\"rotation\":[0,0,0,1],\"scale\":[1,1,1]}", "VS-1006")]
        public void InvalidTransformIsRefused(string json, string code)
        {
            JsonValue value = JsonReader.Read(json);
            SyncException error = Assert.Throws<SyncException>(() => TransformComponent.Read(value, "t"));
            Assert.That(error.Code, Is.EqualTo(code));
            Assert.That(error.Location, Does.StartWith("t."));
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
