using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Previews;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>Gives previews access to the open scenes of Unity.</summary>
    public sealed class PreviewScene : IPreviewScene
    {
        /// <summary>Materials whose inspectors are read while the user holds something.</summary>
        const int MaxMaterials = 64;

        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly MeshPreviews meshPreviews;
        readonly MaterialPreviews materials;

        public PreviewScene(SceneIndex index, MeshRecords meshes, MeshPreviews meshPreviews)
        {
            this.index = index;
            this.meshes = meshes;
            this.meshPreviews = meshPreviews;
            materials = new MaterialPreviews(index.Materials.Find, index.Materials.MakeBlock, index.MaterialUsers);
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
                    string mesh = meshes.FindUuid(MeshHolder.Find(item));
                    if (mesh != null) { uuids.Add(mesh); }
                    string viewer = index.Viewers.FindUuid(item);
                    if (viewer != null) { uuids.Add(viewer); }
                }
                AddMaterials(uuids);
                return uuids;
            }
        }

        public bool TryRead(string uuid, out NativeTransform place)
        {
            GameObject target = index.Find(uuid);
            place = target == null ? default : Placement.Read(target.transform, index.FindFrame(target.transform));
            return target != null;
        }

        public Entity ReadValue(string uuid) => (index.Viewers.Read(uuid) ?? index.Materials.Read(uuid))?.OnlyPreviewed();

        public bool Preview(Entity value)
        {
            if (value.Kind == Kinds.Material) { return materials.Show(value); }
            PreviewedPositions positions = value.Find<PreviewedPositions>("positions");
            if (positions != null) { return meshPreviews.Show(value.Uuid, positions); }
            Undo.FlushUndoRecordObjects();
            SceneView.RepaintAll();
            return index.Viewers.Preview(value);
        }

        public void Advance()
        {
            if (materials.Advance()) { SceneView.RepaintAll(); }
        }

        public void EndPreview(string uuid)
        {
            materials.PutBack(uuid);
            index.Viewers.EndPreview(uuid);
            meshPreviews.End(uuid);
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

        /// <summary>Adds the materials that the inspector shows: those of the active object, and selected assets.</summary>
        void AddMaterials(ICollection<string> uuids)
        {
            List<Material> shown = new List<Material>();
            GameObject active = Selection.activeGameObject;
            Renderer renderer = active == null ? null : active.GetComponent<Renderer>();
            if (renderer != null) { renderer.GetSharedMaterials(shown); }
            foreach (Object selected in Selection.objects)
            {
                if (selected is Material material && shown.Count < MaxMaterials) { shown.Add(material); }
            }
            for (int i = 0; i < shown.Count && i < MaxMaterials; i++)
            {
                string uuid = shown[i] == null ? null : index.Materials.FindUuid(shown[i]);
                if (uuid != null) { uuids.Add(uuid); }
            }
        }
    }
}
