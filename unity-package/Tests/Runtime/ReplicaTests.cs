using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that the replica and the outbox survive a domain reload as text.</summary>
    public sealed class ReplicaTests
    {
        const string UuidA = "01920000-0000-7000-8000-00000000000a";
        const string UuidB = "01920000-0000-7000-8000-00000000000b";

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
    }
}
