using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// A mesh in Unity's form and space: all attributes per vertex, front faces clockwise, one list of triangles for
    /// each submesh. A vertex is split if its corners differ. Attributes that the mesh does not have are null.
    /// </summary>
    public sealed class NativeMesh
    {
        /// <summary>Three numbers a vertex.</summary>
        public float[] Positions = Array.Empty<float>();

        /// <summary>Three numbers a vertex.</summary>
        public float[] Normals;

        /// <summary>Two numbers a vertex.</summary>
        public readonly float[][] Uvs = new float[MeshComponent.UvSets][];

        /// <summary>Four numbers a vertex, linear.</summary>
        public float[] Colors;

        /// <summary>Vertex numbers, three a triangle; a submesh may be empty.</summary>
        public List<int[]> Triangles = new List<int[]>();

        /// <summary>A canonical corner of each vertex; null for a mesh that was not made of a canonical one.</summary>
        public int[] Sources;

        /// <summary>
        /// Returns the canonical form: corners in submesh order, winding swapped, vertices at the same position merged.
        /// </summary>
        public MeshComponent ToCanonical()
        {
            MeshComponent mesh = new MeshComponent();
            int[] corners = CollectCorners(mesh.Submeshes);
            mesh.Position = PositionMerger.Merge(Positions, out int[] merged);
            Coordinates.MirrorX(mesh.Position);
            mesh.Index = new int[corners.Length];
            for (int i = 0; i < corners.Length; i++) { mesh.Index[i] = merged[corners[i]]; }
            mesh.Normal = Gather(Normals, corners, 3);
            if (mesh.Normal != null) { Coordinates.MirrorX(mesh.Normal); }
            for (int i = 0; i < MeshComponent.UvSets; i++) { mesh.Uv[i] = Gather(Uvs[i], corners, 2); }
            mesh.Color = Gather(Colors, corners, 4);
            return mesh;
        }

        /// <summary>
        /// Returns Unity's form of a canonical mesh. Corners that agree in all attributes share a vertex.
        /// </summary>
        /// <param name="shapes">The shape keys of the mesh; corners that they move apart share none. Null for none.</param>
        public static NativeMesh FromCanonical(MeshComponent mesh, ShapesComponent shapes = null)
        {
            NativeMesh native = new NativeMesh();
            int[] sources = new VertexSplitter(mesh, shapes).Split(out int[] vertexOfCorner);
            native.Sources = sources;
            int[] positions = new int[sources.Length];
            for (int i = 0; i < sources.Length; i++) { positions[i] = mesh.Index[sources[i]]; }
            native.Positions = Gather(mesh.Position, positions, 3);
            Coordinates.MirrorX(native.Positions);
            native.Normals = Gather(mesh.Normal, sources, 3);
            if (native.Normals != null) { Coordinates.MirrorX(native.Normals); }
            for (int i = 0; i < MeshComponent.UvSets; i++) { native.Uvs[i] = Gather(mesh.Uv[i], sources, 2); }
            native.Colors = Gather(mesh.Color, sources, 4);
            foreach (Submesh submesh in mesh.Submeshes)
            {
                while (native.Triangles.Count < submesh.Slot) { native.Triangles.Add(Array.Empty<int>()); }
                int[] triangles = new int[submesh.Count];
                CopySwapped(vertexOfCorner, submesh.Start, triangles, 0, submesh.Count);
                native.Triangles.Add(triangles);
            }
            return native;
        }

        /// <summary>
        /// Returns whether the canonical form of this mesh has exactly the corners of <paramref name="mesh"/>: the same
        /// submeshes and attributes, and equal numbers, not merely close ones. Reads each corner, and makes no copy.
        /// </summary>
        public bool HasExactly(MeshComponent mesh)
        {
            List<Submesh> submeshes = new List<Submesh>();
            int[] corners = CollectCorners(submeshes);
            bool isSame = corners.Length == mesh.CornerCount && submeshes.Count == mesh.Submeshes.Count;
            for (int i = 0; isSame && i < submeshes.Count; i++) { isSame = submeshes[i].Equals(mesh.Submeshes[i]); }
            isSame = isSame && CornerComparison.AreMirrored(Positions, corners, mesh.Position, mesh.Index)
                && CornerComparison.AreMirrored(Normals, corners, mesh.Normal, null)
                && CornerComparison.AreSame(Colors, corners, 4, mesh.Color);
            for (int i = 0; isSame && i < MeshComponent.UvSets; i++)
            {
                isSame = CornerComparison.AreSame(Uvs[i], corners, 2, mesh.Uv[i]);
            }
            return isSame;
        }

        /// <summary>Returns the Unity vertex of each canonical corner.</summary>
        public int[] FindCorners() => CollectCorners(new List<Submesh>());

        /// <summary>
        /// Returns the Unity vertex of each canonical corner. Fills <paramref name="submeshes"/> with those that are
        /// not empty.
        /// </summary>
        int[] CollectCorners(List<Submesh> submeshes)
        {
            int total = 0;
            foreach (int[] triangles in Triangles) { total += triangles.Length; }
            int[] corners = new int[total];
            int at = 0;
            for (int slot = 0; slot < Triangles.Count; slot++)
            {
                int[] triangles = Triangles[slot];
                if (triangles.Length == 0) { continue; }
                CopySwapped(triangles, 0, corners, at, triangles.Length);
                submeshes.Add(new Submesh(slot, at, triangles.Length));
                at += triangles.Length;
            }
            return corners;
        }

        /// <summary>Copies triangles with the second and the third corner swapped.</summary>
        static void CopySwapped(int[] source, int start, int[] target, int at, int count)
        {
            for (int i = 0; i < count; i += 3)
            {
                target[at + i] = source[start + i];
                target[at + i + 1] = source[start + i + 2];
                target[at + i + 2] = source[start + i + 1];
            }
        }

        static float[] Gather(float[] values, int[] elements, int width)
        {
            if (values == null) { return null; }
            float[] gathered = new float[elements.Length * width];
            int at = 0;
            foreach (int element in elements)
            {
                int from = element * width;
                for (int i = 0; i < width; i++) { gathered[at++] = values[from + i]; }
            }
            return gathered;
        }
    }
}
