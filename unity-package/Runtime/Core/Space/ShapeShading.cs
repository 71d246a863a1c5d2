using System;
using System.Collections.Generic;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Computes how shape keys turn the normals and tangents of a mesh, which do not travel. A vertex has the area-weighted
    /// sum of the normals of its triangles, without the key and with it alone. The smallest rotation from the one sum to the
    /// other turns the vertex normal, so a normal of the author's own is turned as the surface is. The tangent is turned by
    /// the smallest rotation from the normal to the turned one.
    /// </summary>
    public sealed class ShapeShading
    {
        readonly float[] positions;
        readonly float[] normals;
        readonly List<int[]> triangles;

        /// <summary>
        /// The group of each vertex. Vertices with one position and one normal are one group: a split by a UV seam is no edge.
        /// </summary>
        readonly int[] groups;

        readonly double[] sums;

        /// <param name="positions">Three numbers a vertex.</param>
        /// <param name="normals">Three numbers a vertex.</param>
        /// <param name="triangles">The vertices of the triangles of each submesh, clockwise seen from the front.</param>
        public ShapeShading(float[] positions, float[] normals, List<int[]> triangles)
        {
            this.positions = positions;
            this.normals = normals;
            this.triangles = triangles;
            groups = FindGroups(out int count);
            sums = new double[count * 3];
            foreach (int[] submesh in triangles)
            {
                for (int i = 0; i + 2 < submesh.Length; i += 3) { AddFace(sums, submesh, i, null, 1); }
            }
        }

        /// <summary>Returns what a key adds to the normal of each vertex at full weight.</summary>
        /// <param name="delta">Three numbers a vertex.</param>
        public float[] FindNormals(float[] delta)
        {
            double[] moved = (double[])sums.Clone();
            foreach (int[] submesh in triangles)
            {
                for (int i = 0; i + 2 < submesh.Length; i += 3)
                {
                    bool isMoved = IsMoved(delta, submesh[i]) || IsMoved(delta, submesh[i + 1]) || IsMoved(delta, submesh[i + 2]);
                    if (!isMoved) { continue; }
                    AddFace(moved, submesh, i, null, -1);
                    AddFace(moved, submesh, i, delta, 1);
                }
            }
            float[] found = new float[delta.Length];
            for (int vertex = 0; vertex < groups.Length; vertex++)
            {
                int group = groups[vertex] * 3;
                bool isSame = moved[group] == sums[group] && moved[group + 1] == sums[group + 1] && moved[group + 2] == sums[group + 2];
                if (!isSame) { AddTurn(sums, group, moved, group, normals, vertex * 3, found, vertex * 3); }
            }
            return found;
        }

        /// <summary>Returns what a key adds to the tangent of each vertex at full weight, three numbers a vertex.</summary>
        /// <param name="normals">Three numbers a vertex.</param>
        /// <param name="turns">The result of <see cref="FindNormals"/>.</param>
        /// <param name="tangents">Three numbers a vertex.</param>
        public static float[] FindTangents(float[] normals, float[] turns, float[] tangents)
        {
            float[] found = new float[turns.Length];
            double[] from = new double[3], to = new double[3];
            for (int at = 0; at < turns.Length; at += 3)
            {
                if (!IsMoved(turns, at / 3)) { continue; }
                for (int axis = 0; axis < 3; axis++)
                {
                    from[axis] = normals[at + axis];
                    to[axis] = (double)normals[at + axis] + turns[at + axis];
                }
                AddTurn(from, 0, to, 0, tangents, at, found, at);
            }
            return found;
        }

        static bool IsMoved(float[] delta, int vertex) =>
            delta[vertex * 3] != 0 || delta[vertex * 3 + 1] != 0 || delta[vertex * 3 + 2] != 0;

        int[] FindGroups(out int count)
        {
            PositionMerger.Merge(positions, out int[] places);
            PositionMerger.Merge(normals, out int[] directions);
            Dictionary<long, int> known = new Dictionary<long, int>();
            int[] found = new int[places.Length];
            for (int i = 0; i < found.Length; i++)
            {
                long pair = (long)places[i] << 32 | (uint)directions[i];
                if (!known.TryGetValue(pair, out int group)) { known.Add(pair, group = known.Count); }
                found[i] = group;
            }
            count = known.Count;
            return found;
        }

        /// <summary>Adds the normal of a triangle, as long as its area is large, to the sums of its vertices.</summary>
        void AddFace(double[] totals, int[] submesh, int first, float[] delta, int sign)
        {
            double Get(int corner, int axis)
            {
                int at = submesh[first + corner] * 3 + axis;
                return (double)positions[at] + (delta == null ? 0 : delta[at]);
            }
            double ux = Get(1, 0) - Get(0, 0), uy = Get(1, 1) - Get(0, 1), uz = Get(1, 2) - Get(0, 2);
            double vx = Get(2, 0) - Get(0, 0), vy = Get(2, 1) - Get(0, 1), vz = Get(2, 2) - Get(0, 2);
            for (int corner = 0; corner < 3; corner++)
            {
                int at = groups[submesh[first + corner]] * 3;
                totals[at] += sign * (uy * vz - uz * vy);
                totals[at + 1] += sign * (uz * vx - ux * vz);
                totals[at + 2] += sign * (ux * vy - uy * vx);
            }
        }

        /// <summary>
        /// Writes what the smallest rotation from one direction to another adds to a vector. Opposite directions have none, so
        /// they turn the vector around; a direction without a length turns nothing.
        /// </summary>
        static void AddTurn(double[] from, int fromAt, double[] to, int toAt, float[] vectors,
            int vectorAt, float[] found, int foundAt)
        {
            double a = Length(from, fromAt), b = Length(to, toAt);
            if (a < 1e-20 || b < 1e-20) { return; }
            double fx = from[fromAt] / a, fy = from[fromAt + 1] / a, fz = from[fromAt + 2] / a;
            double tx = to[toAt] / b, ty = to[toAt + 1] / b, tz = to[toAt + 2] / b;
            double x = vectors[vectorAt], y = vectors[vectorAt + 1], z = vectors[vectorAt + 2];
            double cosine = fx * tx + fy * ty + fz * tz;
            if (cosine < -0.999999)
            {
                for (int axis = 0; axis < 3; axis++) { found[foundAt + axis] = -2 * vectors[vectorAt + axis]; }
                return;
            }
            double wx = fy * tz - fz * ty, wy = fz * tx - fx * tz, wz = fx * ty - fy * tx;
            double along = (wx * x + wy * y + wz * z) / (1 + cosine);
            found[foundAt] = (float)(x * cosine + wy * z - wz * y + wx * along - x);
            found[foundAt + 1] = (float)(y * cosine + wz * x - wx * z + wy * along - y);
            found[foundAt + 2] = (float)(z * cosine + wx * y - wy * x + wz * along - z);
        }

        static double Length(double[] vector, int at) => Math.Sqrt(vector[at] * vector[at]
            + vector[at + 1] * vector[at + 1] + vector[at + 2] * vector[at + 2]);
    }
}
