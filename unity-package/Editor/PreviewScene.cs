using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;
using Component = VibeSync.Core.Scene.Component;

namespace VibeSync.Editor
{
    /// <summary>Gives previews access to the open scenes of Unity.</summary>
    public sealed class PreviewScene : IPreviewScene
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly MeshPreviews meshPreviews;

        public PreviewScene(SceneIndex index, MeshRecords meshes, MeshPreviews meshPreviews)
        {
            this.index = index;
            this.meshes = meshes;
            this.meshPreviews = meshPreviews;
        }

        public bool IsHolding => GUIUtility.hotControl != 0;

        public IReadOnlyCollection<string> Selected
        {
            get
            {
                List<string> uuids = new List<string>();
                foreach (GameObject item in Selection.gameObjects)
                {
                    string uuid = uuids.Count < PreviewMessages.MaxShown ? index.FindUuid(ObjectKey.Of(item)) : null;
                    if (uuid != null) { uuids.Add(uuid); }
                    MeshFilter filter = item.GetComponent<MeshFilter>();
                    string mesh = filter == null ? null : meshes.FindUuid(filter.sharedMesh);
                    if (mesh != null) { uuids.Add(mesh); }
                    string viewer = index.Viewers.FindUuid(item);
                    if (viewer != null) { uuids.Add(viewer); }
                }
                return uuids;
            }
        }

        public bool TryRead(string uuid, out NativeTransform place)
        {
            GameObject target = index.Find(uuid);
            place = target == null ? default : Placement.Read(target.transform, index.FindFrame(target.transform));
            return target != null;
        }

        public Component ReadValue(string uuid)
        {
            Entity viewer = index.Viewers.Read(uuid);
            return viewer?.Components[viewer.Kind];
        }

        public bool Preview(string uuid, Component value)
        {
            if (value is PreviewedPositions positions) { return meshPreviews.Show(uuid, positions); }
            Undo.FlushUndoRecordObjects();
            Entity content = new Entity(uuid, value.Key);
            content.Set(value);
            SceneView.RepaintAll();
            return index.Viewers.Preview(content);
        }

        public void EndPreview(string uuid)
        {
            meshPreviews.End(uuid);
            index.Viewers.EndPreview(uuid);
            SceneView.RepaintAll();
        }

        public void Write(string uuid, in NativeTransform place)
        {
            // Changes that a script recorded in this frame become its step now, without the preview.
            Undo.FlushUndoRecordObjects();
            Placement.Write(index.Find(uuid).transform, place);
            // Unity draws again after an undo step or a mark, and here is neither.
            SceneView.RepaintAll();
        }
    }
}
