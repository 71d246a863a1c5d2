using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Finds changes that scripts and tools make without an event, by checking a few entities in each tick. It compares
    /// transforms with their last values, because other tools that use Transform.hasChanged also reset it.
    /// </summary>
    public sealed class SceneSweep
    {
        const int TransformsPerTick = 200;
        const int ObjectsPerTick = 10;

        /// <summary>The size of the largest mesh that is read again although nothing marked it.</summary>
        const int MaxUnmarkedVertices = 2000;

        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly Dictionary<string, (Vector3, Quaternion, Vector3)> knownTransforms =
            new Dictionary<string, (Vector3, Quaternion, Vector3)>();
        readonly Dictionary<string, int> dirtyCounts = new Dictionary<string, int>();
        List<string> objectRound = new List<string>();
        List<string> meshRound = new List<string>();
        List<string> materialRound = new List<string>();
        List<string> imageRound = new List<string>();
        List<string> actionRound = new List<string>();
        int objectPosition;
        int materialPosition;
        int imagePosition;
        int actionPosition;
        int meshPosition;

        public SceneSweep(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Checks the next entities and adds those that may have changed.</summary>
        public void Advance(DirtySet dirty)
        {
            for (int i = 0; i < TransformsPerTick && TryAdvance(ref objectRound, ref objectPosition, index.Uuids); i++)
            {
                string uuid = objectRound[objectPosition - 1];
                GameObject target = index.Find(uuid);
                if (target == null) { continue; }
                // A script may have changed what the object shows, or its light.
                if (i < ObjectsPerTick) { index.Register(target, dirty); }
                if (i < ObjectsPerTick || HasMoved(uuid, target.transform)) { dirty.Add(uuid); }
            }
            if (TryAdvance(ref meshRound, ref meshPosition, meshes.GetUuids()))
            {
                CheckMesh(meshRound[meshPosition - 1], dirty);
            }
            if (TryAdvance(ref actionRound, ref actionPosition, index.Actions.GetUuids()))
            {
                string action = actionRound[actionPosition - 1];
                bool isEdited = index.Actions.TakeChanged(action);
                if (isEdited) { dirty.Add(action); }
                index.Actions.Settle(action, isEdited, null);
            }
            // The file itself is read again only after a change of its time or size.
            bool hasImage = TryAdvance(ref imageRound, ref imagePosition, index.Materials.Images.GetUuids());
            if (hasImage) { dirty.Add(imageRound[imagePosition - 1]); }
            if (!TryAdvance(ref materialRound, ref materialPosition, index.Materials.GetUuids())) { return; }
            index.Materials.Settle(materialRound[materialPosition - 1]);
            index.Materials.IdentifyTextures(materialRound[materialPosition - 1], dirty);
            dirty.Add(materialRound[materialPosition - 1]);
        }

        /// <summary>Advances to the next entity; returns false after the last one, and begins a new round.</summary>
        static bool TryAdvance(ref List<string> round, ref int position, IReadOnlyCollection<string> all)
        {
            if (position < round.Count)
            {
                position++;
                return true;
            }
            round = new List<string>(all);
            position = 0;
            return false;
        }

        bool HasMoved(string uuid, Transform transform)
        {
            (Vector3, Quaternion, Vector3) now =
                (transform.localPosition, transform.localRotation, transform.localScale);
            bool isKnown = knownTransforms.TryGetValue(uuid, out (Vector3, Quaternion, Vector3) before);
            knownTransforms[uuid] = now;
            return !isKnown || !before.Equals(now);
        }

        void CheckMesh(string uuid, DirtySet dirty)
        {
            Mesh mesh = meshes.Find(uuid)?.Mesh;
            if (mesh == null) { return; }
            int count = EditorUtility.GetDirtyCount(mesh);
            bool isMarked = !dirtyCounts.TryGetValue(uuid, out int known) || known != count;
            dirtyCounts[uuid] = count;
            if (isMarked || mesh.vertexCount <= MaxUnmarkedVertices) { dirty.Add(uuid); }
        }
    }
}
