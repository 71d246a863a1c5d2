using System;
using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests that content that a file lost is not taken for an edit.</summary>
    public sealed class DamageTests
    {
        const string MeshUuid = "01920000-0000-7000-8000-00000000000c";

        static readonly MeshComponent Empty =
            new MeshComponent { Position = Array.Empty<float>(), Index = Array.Empty<int>() };

        static MeshComponent MakeTriangle(float x)
        {
            MeshComponent mesh = new MeshComponent
            {
                Position = new[] { x, 0, 0, x + 1, 0, 0, x, 1, 0 },
                Index = new[] { 0, 1, 2 },
            };
            mesh.Submeshes.Add(new Submesh(0, 0, 3));
            return mesh;
        }

        static Entity MakeMesh(string name, MeshComponent mesh)
        {
            Entity entity = new Entity(MeshUuid, Kinds.Mesh);
            entity.Set(new NameComponent(name));
            entity.Set(mesh);
            return entity;
        }

        static Replica MakeReplica(Entity acknowledged)
        {
            Replica replica = new Replica();
            SyncRecord record = new SyncRecord { Version = 4 };
            record.SetDigests(acknowledged);
            replica.AdoptRecord(acknowledged.Uuid, record);
            return replica;
        }

        static ICollection<string> DiffKeys(Replica replica, Entity now) =>
            new List<string>(replica.Diff(now).Components.Keys);

        [Test]
        public void DamagedComponentIsNoDifference()
        {
            Replica replica = MakeReplica(MakeMesh("Rock", MakeTriangle(0)));
            Assert.That(DiffKeys(replica, MakeMesh("Stone", Empty)), Is.EqualTo(new[] { "name", "mesh" }));
            replica.MarkDamaged(MeshUuid, Empty);
            Assert.That(DiffKeys(replica, MakeMesh("Stone", Empty)), Is.EqualTo(new[] { "name" }));
            Assert.That(replica.GetVersion(MeshUuid), Is.EqualTo(0), "the daemon sends it again");
            Replica loaded = new Replica();
            loaded.Load(replica.Save());
            Assert.That(DiffKeys(loaded, MakeMesh("Rock", Empty)), Is.Empty);
            Assert.That(loaded.GetVersion(MeshUuid), Is.EqualTo(0));
        }

        [Test]
        public void EditEndsTheDamage()
        {
            Replica replica = MakeReplica(MakeMesh("Rock", MakeTriangle(0)));
            replica.MarkDamaged(MeshUuid, Empty);
            Entity edited = MakeMesh("Rock", MakeTriangle(9));
            Assert.That(DiffKeys(replica, edited), Is.EqualTo(new[] { "mesh" }));
            replica.MarkSent(new Change(ChangeOp.Update, MeshUuid, replica.Diff(edited)));
            Assert.That(DiffKeys(replica, MakeMesh("Rock", Empty)), Is.EqualTo(new[] { "mesh" }),
                "now the user has emptied it");
            Assert.That(replica.GetVersion(MeshUuid), Is.EqualTo(4));
        }

        [TestCase(true, 7)]
        [TestCase(false, 0)]
        public void CompleteEntityEndsTheDamage(bool isComplete, long version)
        {
            Replica replica = MakeReplica(MakeMesh("Rock", MakeTriangle(0)));
            replica.MarkDamaged(MeshUuid, Empty);
            replica.Find(MeshUuid).Version = 7;
            replica.Confirm(MeshUuid, 7, isComplete);
            Assert.That(replica.GetVersion(MeshUuid), Is.EqualTo(version));
        }

        [Test]
        public void UuidAsNameIsNoRename()
        {
            Entity named = MakeMesh(MeshUuid, MakeTriangle(0));
            Assert.That(DiffKeys(MakeReplica(MakeMesh("Rock", MakeTriangle(0))), named), Is.Empty);
            Assert.That(DiffKeys(new Replica(), named), Is.EqualTo(new[] { "name", "mesh" }), "a create has all");
        }
    }
}
