namespace UnityEngine.Rendering
{
    /// <summary>The attribute that only the tests ask for.</summary>
    public enum VertexAttribute
    {
        Tangent = 2,
    }
}

namespace UnityEngine
{
    public sealed partial class Mesh
    {
        /// <summary>Makes the mesh unreadable if its data is no longer needed after the upload to the GPU.</summary>
        public void UploadMeshData(bool markNoLongerReadable)
        {
            if (markNoLongerReadable) { UnityFakes.Engine.Unreadable.Add(Id); }
        }

        public bool HasVertexAttribute(Rendering.VertexAttribute attr) =>
            attr == Rendering.VertexAttribute.Tangent && HasTangents;
    }
}
