using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace UnityEngine
{
    public sealed partial class Mesh
    {
        sealed class Shape
        {
            internal string Name;
            internal List<Frame> Frames = new List<Frame>();

            internal Shape Copy() => new Shape { Name = Name, Frames = Frames.ToList() };
        }

        sealed class Frame
        {
            internal float Weight;
            internal Vector3[] Vertices, Normals, Tangents;
        }

        List<Shape> shapes = new List<Shape>();

        public int blendShapeCount => shapes.Count;

        public void ClearBlendShapes()
        {
            Check();
            shapes = new List<Shape>();
        }

        public string GetBlendShapeName(int shapeIndex) => shapes[shapeIndex].Name;

        public int GetBlendShapeFrameCount(int shapeIndex) => shapes[shapeIndex].Frames.Count;

        public float GetBlendShapeFrameWeight(int shapeIndex, int frameIndex) => shapes[shapeIndex].Frames[frameIndex].Weight;

        public void GetBlendShapeFrameVertices(int shapeIndex, int frameIndex, Vector3[] deltaVertices, Vector3[] deltaNormals,
            Vector3[] deltaTangents)
        {
            Frame frame = shapes[shapeIndex].Frames[frameIndex];
            foreach ((Vector3[] from, Vector3[] to) in new[]
                { (frame.Vertices, deltaVertices), (frame.Normals, deltaNormals), (frame.Tangents, deltaTangents) })
            {
                if (to == null) { continue; }
                if (to.Length != positions.Length) { throw new ArgumentException("one delta a vertex"); }
                from.CopyTo(to, 0);
            }
        }

        /// <summary>Adds a frame to the last shape, with a larger weight than the one before, or begins a shape.</summary>
        public void AddBlendShapeFrame(string shapeName, float frameWeight, Vector3[] deltaVertices, Vector3[] deltaNormals,
            Vector3[] deltaTangents)
        {
            Check();
            Vector3[] zeros = new Vector3[positions.Length];
            Frame frame = new Frame
            {
                Weight = frameWeight,
                Vertices = (Vector3[])deltaVertices.Clone(),
                Normals = (Vector3[])(deltaNormals ?? zeros).Clone(),
                Tangents = (Vector3[])(deltaTangents ?? zeros).Clone(),
            };
            bool isWhole = new[] { frame.Vertices, frame.Normals, frame.Tangents }.All(all => all.Length == positions.Length);
            if (!isWhole) { throw new ArgumentException("one delta a vertex"); }
            Shape last = shapes.LastOrDefault();
            bool isNext = last?.Name == shapeName;
            if (!isNext && shapes.Exists(shape => shape.Name == shapeName))
            {
                throw new ArgumentException("frames can be added to the last shape only");
            }
            if (isNext && last.Frames.Last().Weight >= frameWeight) { throw new ArgumentException("the weights must rise"); }
            shapes = shapes.Select(shape => shape.Copy()).ToList();
            if (!isNext) { shapes.Add(new Shape { Name = shapeName }); }
            shapes.Last().Frames.Add(frame);
        }

        public Bounds bounds
        {
            get
            {
                Bounds? box = null;
                foreach (Vector3 corner in positions)
                {
                    Bounds known = box ?? new Bounds(corner, default);
                    known.Encapsulate(new Bounds(corner, default));
                    box = known;
                }
                return box ?? default;
            }
        }

        /// <summary>The tangent of each vertex: along the first UV axis, at a right angle to the normal.</summary>
        public Vector4[] tangents
        {
            get
            {
                Check();
                return HasTangents ? positions.Select((_, vertex) => FindTangent(vertex)).ToArray() : new Vector4[0];
            }
        }

        Vector4 FindTangent(int vertex)
        {
            (double x, double y, double z) sum = (0, 0, 0);
            foreach (int[] all in submeshes)
            {
                for (int i = 0; i < all.Length; i += 3)
                {
                    if (all[i] != vertex && all[i + 1] != vertex && all[i + 2] != vertex) { continue; }
                    Vector3 p = positions[all[i]], q = positions[all[i + 1]], r = positions[all[i + 2]];
                    Vector2 a = coordinates[0][all[i]], b = coordinates[0][all[i + 1]], c = coordinates[0][all[i + 2]];
                    double v1 = b.y - a.y, v2 = c.y - a.y, area = (b.x - a.x) * v2 - (c.x - a.x) * v1;
                    if (area == 0) { continue; }
                    sum.x += ((q.x - p.x) * v2 - (r.x - p.x) * v1) / area;
                    sum.y += ((q.y - p.y) * v2 - (r.y - p.y) * v1) / area;
                    sum.z += ((q.z - p.z) * v2 - (r.z - p.z) * v1) / area;
                }
            }
            Vector3 n = directions[vertex];
            double along = sum.x * n.x + sum.y * n.y + sum.z * n.z;
            sum = (sum.x - along * n.x, sum.y - along * n.y, sum.z - along * n.z);
            double length = Math.Sqrt(sum.x * sum.x + sum.y * sum.y + sum.z * sum.z);
            return length == 0 ? new Vector4(1, 0, 0, 1)
                : new Vector4((float)(sum.x / length), (float)(sum.y / length), (float)(sum.z / length), 1);
        }

        void WriteShapes(BinaryWriter writer)
        {
            writer.Write(shapes.Count);
            foreach (Shape shape in shapes)
            {
                writer.Write(shape.Name);
                writer.Write(shape.Frames.Count);
                foreach (Frame frame in shape.Frames)
                {
                    writer.Write(frame.Weight);
                    foreach (Vector3[] moves in new[] { frame.Vertices, frame.Normals, frame.Tangents })
                    {
                        Put(writer, moves, 3, (p, all, at) => (all[at], all[at + 1], all[at + 2]) = (p.x, p.y, p.z));
                    }
                }
            }
        }

        void ReadShapes(BinaryReader reader)
        {
            Vector3[] TakeMoves() => Take(reader, 3, (v, at) => new Vector3(v[at], v[at + 1], v[at + 2]));
            shapes = Enumerable.Range(0, reader.ReadInt32()).Select(_ => new Shape
            {
                Name = reader.ReadString(),
                Frames = Enumerable.Range(0, reader.ReadInt32()).Select(__ => new Frame
                {
                    Weight = reader.ReadSingle(),
                    Vertices = TakeMoves(),
                    Normals = TakeMoves(),
                    Tangents = TakeMoves(),
                }).ToList(),
            }).ToList();
        }

        /// <summary>Throws if blend shapes would be for another number of vertices.</summary>
        void CheckShapes(int vertices)
        {
            if (shapes.Count > 0 && vertices != positions.Length)
            {
                throw new InvalidOperationException("the mesh has blend shapes for its vertices");
            }
        }
    }

    public partial class SkinnedMeshRenderer : Renderer
    {
        [SerializeField] Mesh skinned;
        [SerializeField] float[] weights = new float[0];

        public Mesh sharedMesh
        {
            get { Check(); return skinned; }
            set { Check(); skinned = value; }
        }

        [SerializeField] Transform[] skeleton = new Transform[0];
        [SerializeField] Transform top;

        public Transform[] bones
        {
            get { Check(); return (Transform[])skeleton.Clone(); }
            set { Check(); skeleton = (Transform[])value.Clone(); }
        }

        public Transform rootBone
        {
            get { Check(); return top; }
            set { Check(); top = value; }
        }

        public float GetBlendShapeWeight(int index)
        {
            Check(index);
            return index < weights.Length ? weights[index] : 0;
        }

        public void SetBlendShapeWeight(int index, float value)
        {
            Check(index);
            float[] changed = new float[Math.Max(weights.Length, skinned.blendShapeCount)];
            weights.CopyTo(changed, 0);
            changed[index] = value;
            weights = changed;
        }

        void Check(int index)
        {
            Check();
            if (skinned == null || index < 0 || index >= skinned.blendShapeCount)
            {
                throw new IndexOutOfRangeException("the mesh has no blend shape of this number");
            }
        }

        /// <summary>A skinned renderer shows its own mesh, with its blend shapes.</summary>
        internal override IEnumerable<Vector3> FindCorners()
        {
            if (skinned == null) { return new Vector3[0]; }
            Vector3[] corners = skinned.vertices;
            Vector3[] moves = new Vector3[corners.Length];
            for (int shape = 0; shape < skinned.blendShapeCount; shape++)
            {
                int last = skinned.GetBlendShapeFrameCount(shape) - 1;
                skinned.GetBlendShapeFrameVertices(shape, last, moves, null, null);
                float part = GetBlendShapeWeight(shape) / skinned.GetBlendShapeFrameWeight(shape, last);
                for (int i = 0; i < corners.Length; i++)
                {
                    corners[i] = new Vector3(corners[i].x + moves[i].x * part, corners[i].y + moves[i].y * part,
                        corners[i].z + moves[i].z * part);
                }
            }
            return corners;
        }

        internal override object Capture() => (base.Capture(), skinned?.Id ?? 0, string.Join(";", weights),
            string.Join(";", skeleton.Select(bone => bone is null ? 0 : bone.Id)), top is null ? 0 : top.Id);

        internal override void Restore(object state)
        {
            (object before, int id, string text, string bones, int root) = ((object, int, string, string, int))state;
            base.Restore(before);
            skinned = UnityFakes.Engine.LoadedObjects.TryGetValue(id, out Object found) ? (Mesh)found : null;
            weights = text.Length == 0 ? new float[0] : text.Split(';').Select(float.Parse).ToArray();
            Transform Resolve(int number) => UnityFakes.Engine.LoadedObjects.TryGetValue(number, out Object item) ? (Transform)item : null;
            skeleton = bones.Length == 0 ? new Transform[0] : bones.Split(';').Select(bone => Resolve(int.Parse(bone))).ToArray();
            top = Resolve(root);
        }
    }
}
