using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>
    /// Finds, a few entities a tick, what scripts and tools change without an event. Transforms are compared with what
    /// they were; Transform.hasChanged is not used, because whoever else relies on it also resets it.
    /// </summary>
    public sealed class SceneSweep
    {
        const int TransformsPerTick = 200;
        const int ObjectsPerTick = 10;

        /// <summary>The largest mesh that is read again without a sign that it changed.</summary>
        const int SmallVertices = 2000;

        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly Dictionary<string, (Vector3, Quaternion, Vector3)> places =
            new Dictionary<string, (Vector3, Quaternion, Vector3)>();
        readonly Dictionary<string, int> dirtyCounts = new Dictionary<string, int>();
        List<string> objectRound = new List<string>();
        List<string> meshRound = new List<string>();
        int atObject;
        int atMesh;

        public SceneSweep(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Looks at the next few and adds what may have changed.</summary>
        public void Go(ICollection<string> dirty)
        {
            for (int i = 0; i < TransformsPerTick && Next(ref objectRound, ref atObject, index.Uuids); i++)
            {
                string uuid = objectRound[atObject - 1];
                GameObject target = index.Find(uuid);
                if (target == null) { continue; }
                if (i < ObjectsPerTick || HasMoved(uuid, target.transform)) { dirty.Add(uuid); }
            }
            if (Next(ref meshRound, ref atMesh, meshes.Uuids())) { LookAtMesh(meshRound[atMesh - 1], dirty); }
        }

        /// <summary>Steps on; after the last one a new round begins with the next tick.</summary>
        static bool Next(ref List<string> round, ref int at, IReadOnlyCollection<string> all)
        {
            if (at < round.Count)
            {
                at++;
                return true;
            }
            round = new List<string>(all);
            at = 0;
            return false;
        }

        bool HasMoved(string uuid, Transform transform)
        {
            (Vector3, Quaternion, Vector3) now =
                (transform.localPosition, transform.localRotation, transform.localScale);
            bool moved = !places.TryGetValue(uuid, out (Vector3, Quaternion, Vector3) before) || !before.Equals(now);
            places[uuid] = now;
            return moved;
        }

        void LookAtMesh(string uuid, ICollection<string> dirty)
        {
            Mesh mesh = meshes.Find(uuid)?.Mesh;
            if (mesh == null) { return; }
            int count = EditorUtility.GetDirtyCount(mesh);
            bool touched = !dirtyCounts.TryGetValue(uuid, out int known) || known != count;
            dirtyCounts[uuid] = count;
            if (touched || mesh.vertexCount <= SmallVertices) { dirty.Add(uuid); }
        }
    }
}
