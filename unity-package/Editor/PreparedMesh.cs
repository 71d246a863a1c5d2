using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Holds the mesh and the shape keys of a change, converted as far as that needs no engine.</summary>
    public sealed class PreparedMesh
    {
        readonly ShapesComponent keys;
        readonly BlendShapes shapes;

        /// <param name="arrays">The mesh; null if the change has none.</param>
        /// <param name="keys">The shape keys; null if the change has none.</param>
        /// <param name="shapes">The shape keys for these arrays; null unless the change has both.</param>
        public PreparedMesh(MeshArrays arrays, ShapesComponent keys, BlendShapes shapes)
        {
            Arrays = arrays;
            this.keys = keys;
            this.shapes = shapes;
        }

        /// <summary>The mesh; null if the change has none.</summary>
        public MeshArrays Arrays { get; }

        /// <summary>Returns whether a mesh has exactly this content.</summary>
        public bool IsContentOf(Mesh mesh)
        {
            if (Arrays != null && !Arrays.IsContentOf(mesh)) { return false; }
            if (keys == null) { return true; }
            MeshArrays arrays = Arrays ?? MeshArrays.ReadFrom(mesh);
            bool fits = keys.IsDefault || arrays.CanShow(keys);
            return fits && !BlendShapes.HasFrames(mesh)
                && BlendShapes.ReadFrom(mesh).HasSame(shapes ?? BlendShapes.FromCanonical(keys, arrays));
        }

        /// <summary>
        /// Writes the content. A mesh that comes without keys keeps those that it has, also if other corners share its vertices
        /// now. Throws VS-3005 if keys of the change are for other corners.
        /// </summary>
        /// <param name="received">The mesh of the change in canonical form; null if it has none.</param>
        public void WriteTo(Mesh mesh, MeshComponent received)
        {
            MeshArrays before = Arrays == null || (keys == null && mesh.blendShapeCount > 0) ? MeshArrays.ReadFrom(mesh) : null;
            ShapesComponent wanted = keys ?? ReadKeys(mesh, before);
            MeshArrays arrays = Arrays ?? before;
            bool isRefused = wanted.Keys.Length > 0 && wanted.Vertex.Length != arrays.FindCorners().Length;
            if (isRefused && keys != null)
            {
                throw new SyncException(ErrorCode.MeshInvalid, "the shape keys are for another mesh", "components.shapes");
            }
            if (isRefused) { wanted = ShapesComponent.None; }
            bool fits = wanted.IsDefault || arrays.CanShow(wanted);
            if (!fits) { arrays = MeshArrays.FromCanonical(received ?? arrays.ToCanonical(), wanted); }
            if (Arrays != null || !fits) { arrays.WriteTo(mesh); }
            BlendShapes written = fits ? shapes : null;
            (written ?? BlendShapes.FromCanonical(wanted, arrays)).WriteTo(mesh);
        }

        /// <summary>Returns the keys that a mesh has. Their names are Unity's own.</summary>
        static ShapesComponent ReadKeys(Mesh mesh, MeshArrays arrays)
        {
            if (arrays == null || mesh.blendShapeCount == 0) { return ShapesComponent.None; }
            BlendShapes present = BlendShapes.ReadFrom(mesh);
            ShapeKey[] names = new ShapeKey[present.Names.Count];
            for (int i = 0; i < names.Length; i++) { names[i] = new ShapeKey(present.Names[i]); }
            return present.ToCanonical(names, arrays.FindCorners());
        }
    }
}
