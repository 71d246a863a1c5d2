using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine.Rendering;

namespace UnityEngine
{
    /// <summary>A mesh with the attributes and the checks of Unity's mesh.</summary>
    public sealed partial class Mesh : Object
    {
        Vector3[] positions = new Vector3[0];
        Vector3[] directions = new Vector3[0];
        Color[] tints = new Color[0];
        Vector2[][] coordinates = NoCoordinates();
        int[][] submeshes = { new int[0] };

        /// <summary>The attributes that the vertex layout has although the mesh has no vertices.</summary>
        readonly HashSet<object> kept = new HashSet<object>();

        public IndexFormat indexFormat { get; set; }

        public bool isReadable => !UnityFakes.Engine.Unreadable.Contains(Id);

        public int vertexCount => positions.Length;

        public Vector3[] vertices
        {
            get { Check(); return (Vector3[])positions.Clone(); }

            set
            {
                Check();
                CheckShapes(value.Length);
                positions = (Vector3[])value.Clone();
                directions = Fit(directions, nameof(normals));
                tints = Fit(tints, nameof(colors));
                coordinates = coordinates.Select((set, channel) => Fit(set, channel)).ToArray();
                if (positions.Length > 0) { kept.Clear(); }
            }
        }

        public Vector3[] normals
        {
            get { Check(); return (Vector3[])directions.Clone(); }
            set { directions = PerVertex(value); }
        }

        public Color[] colors
        {
            get { Check(); return (Color[])tints.Clone(); }
            set { tints = PerVertex(value); }
        }

        public int subMeshCount
        {
            get { Check(); return submeshes.Length; }
            set
            {
                submeshes = Enumerable.Range(0, value).Select(i => i < submeshes.Length ? submeshes[i] : new int[0])
                    .ToArray();
            }
        }

        public void GetUVs(int channel, List<Vector2> uvs)
        {
            uvs.Clear();
            uvs.AddRange(coordinates[channel]);
        }

        public void SetUVs(int channel, List<Vector2> uvs) => coordinates[channel] = PerVertex(uvs.ToArray());

        public int[] GetTriangles(int submesh) => (int[])submeshes[submesh].Clone();

        public void SetTriangles(int[] triangles, int submesh)
        {
            int most = indexFormat == IndexFormat.UInt16 ? 65535 : int.MaxValue;
            bool valid = triangles.Length % 3 == 0;
            foreach (int i in triangles) { valid &= i >= 0 && i < positions.Length && i <= most; }
            if (!valid) { throw new ArgumentException("triangles do not fit the mesh"); }
            submeshes[submesh] = (int[])triangles.Clone();
        }

        public MeshTopology GetTopology(int submesh) => MeshTopology.Triangles;

        public void Clear() => Clear(true);

        /// <summary>
        /// Removes the vertices and submeshes. With the layout kept, each attribute comes back as zeros with the next
        /// vertices.
        /// </summary>
        public void Clear(bool keepVertexLayout)
        {
            Check();
            if (keepVertexLayout || UnityFakes.Faults.KeepsLayout)
            {
                if (directions.Length > 0) { kept.Add(nameof(normals)); }
                if (tints.Length > 0) { kept.Add(nameof(colors)); }
                for (int i = 0; i < coordinates.Length; i++)
                {
                    if (coordinates[i].Length > 0) { kept.Add(i); }
                }
            }
            else
            {
                kept.Clear();
                HasTangents = false;
            }
            positions = new Vector3[0];
            directions = new Vector3[0];
            tints = new Color[0];
            coordinates = NoCoordinates();
            submeshes = new[] { new int[0] };
            (boneCounts, boneWeightList) = (new byte[0], new BoneWeight1[0]);
        }

        public void RecalculateBounds()
        {
        }

        /// <summary>Whether the vertex layout has tangents.</summary>
        internal bool HasTangents { get; private set; }

        public void RecalculateTangents() => HasTangents = true;

        /// <summary>Sums the face normals at each vertex; a clockwise triangle faces the viewer.</summary>
        public void RecalculateNormals()
        {
            double[,] sums = new double[positions.Length, 3];
            foreach (int[] triangles in submeshes)
            {
                for (int i = 0; i < triangles.Length; i += 3)
                {
                    AddFace(sums, triangles[i], triangles[i + 1], triangles[i + 2]);
                }
            }
            directions = new Vector3[positions.Length];
            for (int i = 0; i < positions.Length; i++)
            {
                double length = Math.Sqrt(sums[i, 0] * sums[i, 0] + sums[i, 1] * sums[i, 1] + sums[i, 2] * sums[i, 2]);
                double inverse = length > 0 ? 1 / length : 0;
                directions[i] = new Vector3(
                    (float)(sums[i, 0] * inverse), (float)(sums[i, 1] * inverse), (float)(sums[i, 2] * inverse));
            }
        }

        void AddFace(double[,] sums, int a, int b, int c)
        {
            Vector3 p = positions[a];
            double ux = positions[b].x - p.x, uy = positions[b].y - p.y, uz = positions[b].z - p.z;
            double vx = positions[c].x - p.x, vy = positions[c].y - p.y, vz = positions[c].z - p.z;
            foreach (int vertex in new[] { a, b, c })
            {
                sums[vertex, 0] += uy * vz - uz * vy;
                sums[vertex, 1] += uz * vx - ux * vz;
                sums[vertex, 2] += ux * vy - uy * vx;
            }
        }

        internal void Write(System.IO.BinaryWriter writer)
        {
            writer.Write((int)indexFormat);
            Put(writer, positions, 3, (p, all, at) => (all[at], all[at + 1], all[at + 2]) = (p.x, p.y, p.z));
            Put(writer, directions, 3, (n, all, at) => (all[at], all[at + 1], all[at + 2]) = (n.x, n.y, n.z));
            Put(writer, tints, 4, (c, all, at) =>
                (all[at], all[at + 1], all[at + 2], all[at + 3]) = (c.r, c.g, c.b, c.a));
            foreach (Vector2[] set in coordinates)
            {
                Put(writer, set, 2, (uv, all, at) => (all[at], all[at + 1]) = (uv.x, uv.y));
            }
            writer.Write(submeshes.Length);
            foreach (int[] triangles in submeshes) { PutWords(writer, triangles, triangles.Length); }
            WriteShapes(writer);
            WriteBones(writer);
        }

        internal static Mesh Read(System.IO.BinaryReader reader)
        {
            Mesh mesh = new Mesh();
            mesh.ReadFrom(reader);
            return mesh;
        }

        internal void ReadFrom(System.IO.BinaryReader reader)
        {
            indexFormat = (IndexFormat)reader.ReadInt32();
            positions = Take(reader, 3, (v, at) => new Vector3(v[at], v[at + 1], v[at + 2]));
            directions = Take(reader, 3, (v, at) => new Vector3(v[at], v[at + 1], v[at + 2]));
            tints = Take(reader, 4, (v, at) => new Color(v[at], v[at + 1], v[at + 2], v[at + 3]));
            coordinates = Enumerable.Range(0, 8).Select(_ => Take(reader, 2, (v, at) => new Vector2(v[at], v[at + 1])))
                .ToArray();
            submeshes = Enumerable.Range(0, reader.ReadInt32())
                .Select(_ => (int[])TakeWords(reader, count => new int[count])).ToArray();
            ReadShapes(reader);
            ReadBones(reader);
        }

        static void Put<T>(System.IO.BinaryWriter writer, T[] values, int width, Action<T, float[], int> put)
        {
            float[] all = new float[values.Length * width];
            for (int i = 0; i < values.Length; i++) { put(values[i], all, i * width); }
            PutWords(writer, all, all.Length);
        }

        static void PutWords(System.IO.BinaryWriter writer, Array words, int count)
        {
            byte[] bytes = new byte[count * 4];
            Buffer.BlockCopy(words, 0, bytes, 0, bytes.Length);
            writer.Write(count);
            writer.Write(bytes);
        }

        static T[] Take<T>(System.IO.BinaryReader reader, int width, Func<float[], int, T> make)
        {
            float[] all = (float[])TakeWords(reader, count => new float[count]);
            T[] values = new T[all.Length / width];
            for (int i = 0; i < values.Length; i++) { values[i] = make(all, i * width); }
            return values;
        }

        static Array TakeWords(System.IO.BinaryReader reader, Func<int, Array> make)
        {
            Array words = make(reader.ReadInt32());
            byte[] bytes = reader.ReadBytes(words.Length * 4);
            Buffer.BlockCopy(bytes, 0, words, 0, bytes.Length);
            return words;
        }

        internal override object Capture()
        {
            return (base.Capture(), positions, directions, tints, coordinates.ToArray(), submeshes
                .ToArray(), indexFormat, shapes, (boneCounts, boneWeightList, binds));
        }

        internal override void Restore(object state)
        {
            object named;
            (named, positions, directions, tints, coordinates, submeshes, indexFormat, shapes, (boneCounts, boneWeightList, binds)) =
                ((object, Vector3[], Vector3[], Color[], Vector2[][], int[][], IndexFormat, List<Shape>, (byte[], BoneWeight1[],
                Matrix4x4[])))state;
            base.Restore(named);
        }

        T[] PerVertex<T>(T[] values)
        {
            Check();
            if (values.Length != 0 && values.Length != positions.Length)
            {
                throw new ArgumentException("one value a vertex");
            }
            return (T[])values.Clone();
        }

        T[] Fit<T>(T[] values, object attribute)
        {
            if (values.Length == 0 && !kept.Contains(attribute)) { return values; }
            T[] fitted = new T[positions.Length];
            Array.Copy(values, fitted, Math.Min(values.Length, fitted.Length));
            return fitted;
        }

        static Vector2[][] NoCoordinates() => Enumerable.Range(0, 8).Select(_ => new Vector2[0]).ToArray();
    }

    public enum MotionVectorGenerationMode
    {
        Camera = 0,
        Object = 1,
        ForceNoMotion = 2,
    }

    public enum MeshTopology
    {
        Triangles = 0,
        Quads = 2,
        Lines = 3,
        LineStrip = 4,
        Points = 5,
    }

    public sealed class MeshFilter : Component
    {
        [SerializeField] Mesh shown;

        public Mesh sharedMesh
        {
            get { Check(); return shown; }
            set { Check(); shown = value; }
        }

        internal override object Capture() => (base.Capture(), shown?.Id ?? 0);

        internal override void Restore(object state)
        {
            (object named, int id) = ((object, int))state;
            base.Restore(named);
            shown = UnityFakes.Engine.LoadedObjects.TryGetValue(id, out Object found) ? (Mesh)found : null;
        }
    }

    public partial class Renderer : Component
    {
        [SerializeField] Material[] assigned = new Material[0];

        public Material[] sharedMaterials
        {
            get { Check(); return (Material[])assigned.Clone(); }
            set { Check(); assigned = (Material[])value.Clone(); }
        }

        /// <summary>Copies the materials into a list; a destroyed one is none.</summary>
        public void GetSharedMaterials(List<Material> m)
        {
            Check();
            m.Clear();
            m.AddRange(assigned.Select(material => material == null ? null : material));
        }

        public bool enabled { get; set; } = true;

        public bool receiveShadows { get; set; } = true;

        public bool allowOcclusionWhenDynamic { get; set; } = true;

        public ShadowCastingMode shadowCastingMode { get; set; } = ShadowCastingMode.On;

        public LightProbeUsage lightProbeUsage { get; set; } = LightProbeUsage.BlendProbes;

        public ReflectionProbeUsage reflectionProbeUsage { get; set; } = ReflectionProbeUsage.BlendProbes;

        public MotionVectorGenerationMode motionVectorGenerationMode { get; set; } = MotionVectorGenerationMode.Object;

        public Transform probeAnchor { get; set; }

        public uint renderingLayerMask { get; set; } = 1;

        public int sortingLayerID { get; set; }

        public int sortingOrder { get; set; }

        public Bounds localBounds { get; set; }

        /// <summary>The box along the axes of the world around the corners of the mesh.</summary>
        public Bounds bounds
        {
            get
            {
                Bounds? box = null;
                foreach (Vector3 corner in Corners())
                {
                    Bounds known = box ?? new Bounds(corner, default);
                    known.Encapsulate(new Bounds(corner, default));
                    box = known;
                }
                return box ?? new Bounds(transform.TransformPoint(default), default);
            }
        }

        /// <summary>Returns the corners of the mesh in the world; none without a mesh.</summary>
        internal IEnumerable<Vector3> Corners()
        {
            return FindCorners().Select(corner => transform.TransformPoint(corner));
        }

        /// <summary>Returns the corners of the mesh in the space of the object.</summary>
        internal virtual IEnumerable<Vector3> FindCorners()
        {
            Mesh mesh = GetComponent<MeshFilter>()?.sharedMesh;
            return mesh == null ? new Vector3[0] : mesh.vertices;
        }

        internal override object Capture() => (base.Capture(), assigned);

        internal override void Restore(object state)
        {
            object named;
            (named, assigned) = ((object, Material[]))state;
            base.Restore(named);
        }
    }

    public class MeshRenderer : Renderer
    {
    }

    public sealed partial class QualitySettings : Object
    {
        QualitySettings()
        {
        }

        /// <summary>The pipeline of the quality level in use; null if the level sets none.</summary>
        public static RenderPipelineAsset renderPipeline { get; set; }
    }
}

namespace UnityEngine.Rendering
{
    public enum ShadowCastingMode
    {
        Off = 0,
        On = 1,
        TwoSided = 2,
        ShadowsOnly = 3,
    }

    public enum LightProbeUsage
    {
        Off = 0,
        BlendProbes = 1,
        UseProxyVolume = 2,
        CustomProvided = 4,
    }

    public enum ReflectionProbeUsage
    {
        Off = 0,
        BlendProbes = 1,
        BlendProbesAndSkybox = 2,
        Simple = 3,
    }

    public enum IndexFormat
    {
        UInt16 = 0,
        UInt32 = 1,
    }

    public abstract class RenderPipelineAsset : ScriptableObject
    {
        protected RenderPipelineAsset()
        {
        }

        public virtual Material defaultMaterial => null;
    }

    public sealed class GraphicsSettings : Object
    {
        GraphicsSettings()
        {
        }

        public static RenderPipelineAsset defaultRenderPipeline { get; set; }

        public static bool lightsUseLinearIntensity { get; set; }

        public static RenderPipelineAsset currentRenderPipeline =>
            QualitySettings.renderPipeline != null ? QualitySettings.renderPipeline : defaultRenderPipeline;
    }
}
