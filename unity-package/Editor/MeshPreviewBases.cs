using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Remembers the vertices of meshes as they were last received and read back, within a limit of memory: previews build
    /// on them. May be used on any thread.
    /// </summary>
    public sealed class MeshPreviewBases
    {
        /// <summary>The largest size of all meshes together.</summary>
        const long MaxBytes = 128 << 20;

        readonly Dictionary<string, Basis> meshes = new Dictionary<string, Basis>();

        /// <summary>Remembers a mesh that was received and read back exactly.</summary>
        public void Keep(string uuid, MeshComponent received, MeshArrays arrays)
        {
            int[] canonical = arrays.FindCanonicalVertices(received);
            bool isUsable = received.Blobs.TryGetValue("position", out string address) && canonical != null;
            lock (meshes)
            {
                meshes.Remove(uuid);
                if (!isUsable) { return; }
                Basis made = new Basis(address, received.VertexCount, arrays.Vertices, canonical);
                long total = made.ByteCount;
                foreach (Basis other in meshes.Values) { total += other.ByteCount; }
                if (total > MaxBytes) { meshes.Clear(); }
                if (made.ByteCount <= MaxBytes) { meshes[uuid] = made; }
            }
        }

        /// <summary>Returns the vertices of a mesh; null if they are not remembered.</summary>
        public Basis Find(string uuid)
        {
            lock (meshes) { return meshes.TryGetValue(uuid, out Basis found) ? found : null; }
        }

        /// <summary>The vertices of one mesh.</summary>
        public sealed class Basis
        {
            /// <summary>The canonical vertex of each of Unity's.</summary>
            readonly int[] canonical;

            readonly int count;

            public Basis(string address, int count, Vector3[] vertices, int[] canonical)
            {
                Address = address;
                Vertices = vertices;
                this.count = count;
                this.canonical = canonical;
            }

            /// <summary>The address of the canonical positions.</summary>
            public string Address { get; }

            /// <summary>Unity's vertices; never changed.</summary>
            public Vector3[] Vertices { get; }

            public long ByteCount => Vertices.Length * 16L;

            /// <summary>Returns the canonical positions, three numbers a vertex. A vertex without a corner is at zero.</summary>
            public float[] ToCanonical()
            {
                float[] positions = new float[count * 3];
                for (int i = 0; i < canonical.Length; i++)
                {
                    int at = canonical[i] * 3;
                    positions[at] = -Vertices[i].x;
                    positions[at + 1] = Vertices[i].y;
                    positions[at + 2] = Vertices[i].z;
                }
                return positions;
            }

            /// <summary>Returns Unity's vertices for canonical positions.</summary>
            public Vector3[] FromCanonical(float[] positions)
            {
                Vector3[] made = new Vector3[canonical.Length];
                for (int i = 0; i < made.Length; i++)
                {
                    int at = canonical[i] * 3;
                    made[i] = new Vector3(-positions[at], positions[at + 1], positions[at + 2]);
                }
                return made;
            }
        }
    }
}
