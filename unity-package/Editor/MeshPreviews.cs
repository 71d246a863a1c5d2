using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Previews;

namespace VibeSync.Editor
{
    /// <summary>
    /// Shows the vertices of meshes that a person moves in the other editor, and puts back what was there. Neither makes an
    /// undo step, or a mark that the mesh has changed. Normals stay as they are.
    /// </summary>
    public sealed class MeshPreviews
    {
        readonly MeshRecords records;
        readonly Dictionary<string, Memory> shown = new Dictionary<string, Memory>();

        public MeshPreviews(MeshRecords records)
        {
            this.records = records;
        }

        /// <summary>The vertices that previews build on.</summary>
        public MeshPreviewBases Bases { get; } = new MeshPreviewBases();

        /// <summary>Shows positions; returns false if the mesh does not have those that they build on.</summary>
        public bool Show(string uuid, PreviewedPositions value)
        {
            MeshPreviewBases.Basis basis = Bases.Find(uuid);
            Mesh mesh = records.Find(uuid)?.Mesh;
            if (mesh == null || !mesh.isReadable || basis == null || basis.Address != value.Base) { return false; }
            Vector3[] before = Settle(uuid, mesh.vertices);
            float[] positions = basis.ToCanonical();
            if (!MeshArrays.AreSame(before, basis.Vertices) || !value.TryApply(positions)) { return false; }
            // Changes that a script recorded in this frame become its step now, without the preview.
            Undo.FlushUndoRecordObjects();
            Vector3[] vertices = basis.FromCanonical(positions);
            mesh.vertices = vertices;
            mesh.RecalculateBounds();
            shown[uuid] = new Memory { Mesh = mesh, Before = before, Shown = vertices };
            SceneView.RepaintAll();
            return true;
        }

        /// <summary>Puts back the vertices that a mesh had before its preview, if it shows one.</summary>
        public void End(string uuid)
        {
            if (uuid == null || !shown.TryGetValue(uuid, out Memory memory)) { return; }
            Mesh mesh = memory.Mesh;
            Vector3[] present = mesh == null ? null : mesh.vertices;
            Vector3[] settled = Settle(uuid, present);
            shown.Remove(uuid);
            // The mesh is gone, or somebody else has written it.
            if (settled == null || MeshArrays.AreSame(settled, present)) { return; }
            mesh.vertices = settled;
            mesh.RecalculateBounds();
            SceneView.RepaintAll();
        }

        /// <summary>Returns the vertices as they are without the preview: those that are not as shown are of somebody else.</summary>
        public Vector3[] Settle(string uuid, Vector3[] present)
        {
            bool isShown = shown.TryGetValue(uuid, out Memory memory);
            if (!isShown || present == null || present.Length != memory.Shown.Length) { return present; }
            Vector3[] settled = (Vector3[])present.Clone();
            for (int i = 0; i < settled.Length; i++)
            {
                if (present[i].Equals(memory.Shown[i])) { settled[i] = memory.Before[i]; }
            }
            return settled;
        }

        struct Memory
        {
            public Mesh Mesh;
            public Vector3[] Before;
            public Vector3[] Shown;
        }
    }
}
