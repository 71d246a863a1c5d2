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

        /// <summary>
        /// Returns the canonical form: corners in submesh order, winding swapped, vertices at the same position merged.
        /// </summary>
        public MeshComponent ToCanonical()
        {
            MeshComponent mesh = new MeshComponent();
            int[] corners = CollectCorners(mesh.Submeshes);
            mesh.Position = MergePositions(out int[] merged);
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
        public static NativeMesh FromCanonical(MeshComponent mesh)
        {
            NativeMesh native = new NativeMesh();
            int[] sources = SplitVertices(mesh, out int[] vertexOfCorner);
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
                Array.Copy(vertexOfCorner, submesh.Start, triangles, 0, submesh.Count);
                SwapWinding(triangles);
                native.Triangles.Add(triangles);
            }
            return native;
        }

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
                int[] triangles = (int[])Triangles[slot].Clone();
                if (triangles.Length == 0) { continue; }
                SwapWinding(triangles);
                Array.Copy(triangles, 0, corners, at, triangles.Length);
                submeshes.Add(new Submesh(slot, at, triangles.Length));
                at += triangles.Length;
            }
            return corners;
        }

        float[] MergePositions(out int[] merged)
        {
            Dictionary<(float, float, float), int> known = new Dictionary<(float, float, float), int>();
            List<float> unique = new List<float>();
            merged = new int[Positions.Length / 3];
            for (int i = 0; i < merged.Length; i++)
            {
                (float, float, float) key = (Positions[i * 3] + 0f, Positions[i * 3 + 1] + 0f, Positions[i * 3 + 2]
                    + 0f);
                if (!known.TryGetValue(key, out merged[i]))
                {
                    merged[i] = known.Count;
                    known.Add(key, merged[i]);
                    unique.Add(key.Item1);
                    unique.Add(key.Item2);
                    unique.Add(key.Item3);
                }
            }
            return unique.ToArray();
        }

        /// <summary>Returns the source corner of each native vertex, and for each corner its native vertex.</summary>
        static int[] SplitVertices(MeshComponent mesh, out int[] vertexOfCorner)
        {
            CornerComparer comparer = new CornerComparer(mesh);
            Dictionary<int, int> known = new Dictionary<int, int>(comparer);
            List<int> sources = new List<int>();
            vertexOfCorner = new int[mesh.CornerCount];
            for (int corner = 0; corner < vertexOfCorner.Length; corner++)
            {
                if (!known.TryGetValue(corner, out vertexOfCorner[corner]))
                {
                    vertexOfCorner[corner] = sources.Count;
                    known.Add(corner, sources.Count);
                    sources.Add(corner);
                }
            }
            return sources.ToArray();
        }

        static void SwapWinding(int[] triangles)
        {
            for (int i = 0; i + 2 < triangles.Length; i += 3)
            {
                int second = triangles[i + 1];
                triangles[i + 1] = triangles[i + 2];
                triangles[i + 2] = second;
            }
        }

        static float[] Gather(float[] values, int[] elements, int width)
        {
            if (values == null) { return null; }
            float[] gathered = new float[elements.Length * width];
            for (int i = 0; i < elements.Length; i++)
            {
                Array.Copy(values, elements[i] * width, gathered, i * width, width);
            }
            return gathered;
        }

        /// <summary>Compares two corners by their vertex and all attributes.</summary>
        sealed class CornerComparer : IEqualityComparer<int>
        {
            readonly MeshComponent mesh;
            readonly List<(float[] Values, int Width)> attributes = new List<(float[], int)>();

            public CornerComparer(MeshComponent mesh)
            {
                this.mesh = mesh;
                if (mesh.Normal != null) { attributes.Add((mesh.Normal, 3)); }
                foreach (float[] uv in mesh.Uv)
                {
                    if (uv != null) { attributes.Add((uv, 2)); }
                }
                if (mesh.Color != null) { attributes.Add((mesh.Color, 4)); }
            }

            public bool Equals(int left, int right)
            {
                if (mesh.Index[left] != mesh.Index[right]) { return false; }
                foreach ((float[] values, int width) in attributes)
                {
                    for (int i = 0; i < width; i++)
                    {
                        if (values[left * width + i] != values[right * width + i]) { return false; }
                    }
                }
                return true;
            }

            public int GetHashCode(int corner)
            {
                Digest digest = default;
                digest.Add((uint)mesh.Index[corner]);
                foreach ((float[] values, int width) in attributes)
                {
                    for (int i = 0; i < width; i++) { digest.Add(values[corner * width + i]); }
                }
                return (int)digest.Value;
            }
        }
    }
}
