using System;
using System.Collections.Generic;
using NUnit.Framework;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Tests.Core
{
    /// <summary>Tests which content counts as damaged when a session reads the records of a scene.</summary>
    public sealed class DamageCheckTests
    {
        const string Mesh = "01920000-0000-7000-8000-00000000000c";
        const string Shower = "01920000-0000-7000-8000-00000000000a";

        /// <summary>A scene with one entity.</summary>
        sealed class OneEntity : ISceneAdapter
        {
            public Entity Entity;
            public MeshState Mesh;
            public string Missing;

            public string EditorState => EditorStates.Ready;

            public bool IsAtRest => false;

            public bool IsWalking => false;

            public IReadOnlyList<string> ActiveEdits => null;

            public string ProjectId { get; set; }

            public Registry Registry { get; } = new Registry();

            public string OpenPath => "";

            public bool IsComplete => true;

            public IReadOnlyCollection<string> HiddenComponents => new string[0];

            public IReadOnlyCollection<string> Uuids => new[] { Entity.Uuid };

            public IReadOnlyCollection<string> MissingMeshes => Missing == null ? new string[0] : new[] { Missing };

            public void BeginTick(double milliseconds) => throw new NotSupportedException();

            public void Refresh(DirtySet dirty) => throw new NotSupportedException();

            public bool Contains(string uuid) => uuid == Entity.Uuid;

            public Sample Sample(string uuid) => new Sample(0, _ => Entity);

            public MeshState FindMesh(string uuid) => Mesh;

            public void OnConfirmed(string uuid) => throw new NotSupportedException();

            public string RenewUuid(string uuid) => throw new NotSupportedException();

            public MeshComponent FindReceived(string uuid) => throw new NotSupportedException();

            public object Prepare(Change change) => throw new NotSupportedException();

            public void BeginBatch(string label, ICollection<string> deleted) => throw new NotSupportedException();

            public void BeginSlice() => throw new NotSupportedException();

            public void Apply(Change change, object prepared) => throw new NotSupportedException();

            public void EndSlice() => throw new NotSupportedException();

            public bool RevertBatch() => throw new NotSupportedException();

            public void EndBatch() => throw new NotSupportedException();
        }

        static MeshComponent MakeMesh(int corners)
        {
            MeshComponent mesh = new MeshComponent { Position = new float[corners * 3], Index = new int[corners] };
            for (int i = 0; i < corners; i++) { mesh.Index[i] = i; }
            if (corners > 0) { mesh.Submeshes.Add(new Submesh(0, 0, corners)); }
            return mesh;
        }

        static Entity MakeEntity(string name, int corners)
        {
            Entity entity = new Entity(Mesh, Kinds.Mesh);
            entity.Set(new NameComponent(name));
            entity.Set(MakeMesh(corners));
            return entity;
        }

        static SyncRecord MakeRecord(Entity acknowledged)
        {
            SyncRecord record = new SyncRecord { Version = 4 };
            record.SetDigests(acknowledged);
            return record;
        }

        /// <summary>Inspects the entity of a scene; returns what the replica still takes for the user's edit.</summary>
        static ICollection<string> Inspect(OneEntity scene, SyncRecord record, out string warning)
        {
            Replica replica = new Replica();
            DamageCheck check = new DamageCheck(scene, replica);
            check.Begin();
            replica.AdoptRecord(scene.Entity.Uuid, record);
            check.Inspect(scene.Entity.Uuid, record);
            warning = check.TakeWarning();
            Assert.That(check.TakeWarning(), Is.Null, "each damage is told once");
            return new List<string>(replica.Diff(scene.Entity).Components.Keys);
        }

        [TestCase(6, true, Description = "the record has a mesh with content")]
        [TestCase(0, false, Description = "the mesh was empty before")]
        public void EmptyMeshIsDamagedIfItsRecordIsNot(int recorded, bool isDamaged)
        {
            OneEntity scene = new OneEntity { Entity = MakeEntity("Rock", 0), Mesh = new MeshState("Rock", true, "") };
            Assert.That(Inspect(scene, MakeRecord(MakeEntity("Rock", recorded)), out string warning), Is.Empty);
            Assert.That(warning != null, Is.EqualTo(isDamaged));
            if (isDamaged) { Assert.That(warning, Does.StartWith("VS-7006").And.Contain("Rock")); }
        }

        [TestCase(3, "", Description = "the file is as it was saved")]
        [TestCase(9, "mesh", Description = "the user changed it since")]
        public void ContentOfTheLastSaveIsNoEdit(int now, string edited)
        {
            string file = MakeRecord(MakeEntity("Rock", 3)).WriteDigests();
            OneEntity scene = new OneEntity
            {
                Entity = MakeEntity("Rock", now), Mesh = new MeshState("Rock", false, file),
            };
            Assert.That(string.Join(" ", Inspect(scene, MakeRecord(MakeEntity("Rock", 6)), out string warning)),
                Is.EqualTo(edited));
            Assert.That(warning, Is.Null);
        }

        [TestCase(Mesh, "")]
        [TestCase(null, "data", Description = "the mesh exists, so the user has taken it away")]
        public void ObjectOfAMissingMeshIsNotEdited(string missing, string edited)
        {
            Entity recorded = new Entity(Shower, Kinds.Object);
            recorded.Set(new ReferenceComponent("data", Mesh));
            Entity now = new Entity(Shower, Kinds.Object);
            now.Set(new ReferenceComponent("data", null));
            OneEntity scene = new OneEntity { Entity = now, Missing = missing };
            Assert.That(string.Join(" ", Inspect(scene, MakeRecord(recorded), out string warning)), Is.EqualTo(edited));
            Assert.That(warning != null, Is.EqualTo(missing != null));
        }
    }
}
