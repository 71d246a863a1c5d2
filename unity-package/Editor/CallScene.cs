using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>Gives calls of capabilities access to the open scenes of Unity.</summary>
    public sealed class CallScene : ICallScene
    {
        readonly SceneEvents events;
        readonly SceneIndex index;
        readonly SceneWalk walk;
        readonly MeshRecords meshes;
        readonly UndoStep undo = new UndoStep();

        public CallScene(SceneEvents events, SceneIndex index, SceneWalk walk, MeshRecords meshes)
        {
            this.events = events;
            this.index = index;
            this.walk = walk;
            this.meshes = meshes;
        }

        public IReadOnlyCollection<string> Objects => index.Uuids;

        public IReadOnlyDictionary<string, int> Meshes
        {
            get
            {
                Dictionary<string, int> counts = new Dictionary<string, int>();
                foreach (string uuid in meshes.GetUuids())
                {
                    Mesh mesh = meshes.Find(uuid)?.Mesh;
                    if (mesh != null) { counts[uuid] = EditorUtility.GetDirtyCount(mesh) * 31 + mesh.vertexCount; }
                }
                return counts;
            }
        }

        public bool IsReplaced => events.IsSceneReplaced;

        public IReadOnlyList<string> UnsupportedKinds => index.Unsupported.Lines;

        public void IndexAll(DirtySet dirty)
        {
            // The first call ends a walk that has begun.
            walk.Advance(Budget.Unlimited, dirty);
            walk.Request(false);
            walk.Advance(Budget.Unlimited, dirty);
        }

        public void Begin(string label)
        {
            undo.Begin(label);
            undo.Resume();
        }

        public void End() => undo.Pause();

        public bool Revert()
        {
            // The revert creates and destroys objects, as an undo by the user does.
            events.MarkAllChanged();
            return undo.Revert();
        }

        public void Destroy(string uuid)
        {
            GameObject target = index.Find(uuid);
            if (target != null) { Object.DestroyImmediate(target); }
            index.Remove(uuid);
            Mesh mesh = meshes.Find(uuid)?.Mesh;
            if (mesh == null) { return; }
            meshes.Remove(meshes.Find(uuid));
            if (!EditorUtility.IsPersistent(mesh)) { Object.DestroyImmediate(mesh); }
        }

        /// <summary>Returns the GameObject of a uuid, or null.</summary>
        public GameObject FindObject(string uuid) => index.Find(uuid);
    }
}
