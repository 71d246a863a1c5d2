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
        readonly ObjectReader reader;
        readonly MeshRecords meshes;
        readonly UndoStep undo = new UndoStep();

        public CallScene(SceneEvents events, SceneIndex index, SceneWalk walk, ObjectReader reader, MeshRecords meshes)
        {
            this.events = events;
            this.index = index;
            this.walk = walk;
            this.reader = reader;
            this.meshes = meshes;
        }

        public bool IsReplaced => events.IsSceneReplaced;

        public IReadOnlyList<string> UnsupportedKinds => index.Unsupported.Lines;

        public bool IsMarkingAll => walk.IsMarkingAll;

        public CallSnapshot Read(DirtySet dirty, CallSnapshot earlier) => reader.ReadAll(dirty, earlier);

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
            index.Viewers.Delete(uuid, Object.DestroyImmediate);
            index.Materials.Forget(uuid);
            Mesh mesh = meshes.Find(uuid)?.Mesh;
            if (mesh == null) { return; }
            meshes.Remove(meshes.Find(uuid));
            if (!EditorUtility.IsPersistent(mesh)) { Object.DestroyImmediate(mesh); }
        }

        /// <summary>Returns the GameObject of a uuid, or null.</summary>
        public GameObject FindObject(string uuid) => index.Find(uuid);
    }
}
