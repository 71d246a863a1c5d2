using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Finds meshes whose asset file lost its content, when a session first reads the registry of a scene. An editor that
    /// ends without a save leaves such files: empty, older than the scene, or gone. Their content is no edit of the
    /// user: the replica marks it as damaged, so that it is not sent, and that the daemon sends the entity again.
    /// </summary>
    public sealed class DamageCheck
    {
        /// <summary>The number of names in a warning.</summary>
        const int MaxNames = 5;

        static readonly MeshComponent EmptyMesh =
            new MeshComponent { Position = Array.Empty<float>(), Index = Array.Empty<int>() };

        static readonly ReferenceComponent NoData = new ReferenceComponent("data", null);

        readonly ISceneAdapter scene;
        readonly Replica replica;
        readonly Dictionary<ulong, string> missing = new Dictionary<ulong, string>();
        readonly List<string> lost = new List<string>();

        public DamageCheck(ISceneAdapter scene, Replica replica)
        {
            this.scene = scene;
            this.replica = replica;
        }

        /// <summary>Starts over, before the registry of a scene is read.</summary>
        public void Begin()
        {
            missing.Clear();
            foreach (string uuid in scene.MissingMeshes)
            {
                missing[new ReferenceComponent("data", uuid).Digest()] = uuid;
            }
        }

        /// <summary>Compares an entity with its state in the registry, which the replica has adopted.</summary>
        public void Inspect(string uuid, SyncRecord record)
        {
            MeshState mesh = scene.FindMesh(uuid);
            if (mesh == null)
            {
                InspectObject(uuid, record);
                return;
            }
            bool isLost = mesh.IsEmpty && IsDifferent(record, EmptyMesh);
            if (isLost)
            {
                replica.MarkDamaged(uuid, EmptyMesh);
                // The keys are in the file, and without keys there are no weights.
                replica.MarkDamaged(uuid, ShapesComponent.None);
                replica.MarkDamaged(uuid, ShapeValuesComponent.None);
                lost.Add(mesh.Name);
            }
            NameComponent name = NameComponent.FromEditor(mesh.Name);
            // Unity names the main object of a file by the file. The daemon has the name that a person gave.
            if (mesh.Name == uuid && IsDifferent(record, name)) { replica.MarkDamaged(uuid, name); }
            if (!isLost && mesh.FileDigests.Length > 0) { InspectFile(uuid, record, mesh.FileDigests); }
        }

        /// <summary>Returns one warning about all lost meshes since the last call, or null.</summary>
        public string TakeWarning()
        {
            if (lost.Count == 0) { return null; }
            string names = string.Join(", ", lost.GetRange(0, Math.Min(lost.Count, MaxNames)));
            string more = lost.Count > MaxNames ? " and " + (lost.Count - MaxNames) + " more" : "";
            lost.Clear();
            return ErrorCode.MeshLost + ": the files of these meshes lost their content: " + names + more
                + ". The editor probably ended before they were saved. The daemon sends them again.";
        }

        /// <summary>
        /// Marks content as damaged that is the one of the file's last save, where the scene knows another one.
        /// </summary>
        void InspectFile(string uuid, SyncRecord record, string fileDigests)
        {
            SyncRecord file = SyncRecord.Read(record.Version, fileDigests);
            Entity now = null;
            foreach (KeyValuePair<string, ulong> known in record.Digests)
            {
                if (!file.Digests.TryGetValue(known.Key, out ulong saved) || saved == known.Value) { continue; }
                now = now ?? scene.Sample(uuid)?.Convert();
                if (now == null || !now.Components.TryGetValue(known.Key, out Component component)) { continue; }
                if (component.Digest() == saved) { replica.MarkDamaged(uuid, component); }
            }
        }

        void InspectObject(string uuid, SyncRecord record)
        {
            if (missing.Count == 0 || !record.Digests.TryGetValue(NoData.Key, out ulong data)) { return; }
            if (!missing.ContainsKey(data)) { return; }
            Entity now = scene.Sample(uuid)?.Convert();
            if (now?.Find<ReferenceComponent>(NoData.Key)?.Uuid != null) { return; }
            replica.MarkDamaged(uuid, NoData);
            lost.Add("the one of " + (now?.Find<NameComponent>("name")?.Name ?? uuid));
        }

        static bool IsDifferent(SyncRecord record, Component now)
        {
            return record.Digests.TryGetValue(now.Key, out ulong digest) && digest != now.Digest();
        }
    }
}
