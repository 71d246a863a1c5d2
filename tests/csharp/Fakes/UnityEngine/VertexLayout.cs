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
        public bool HasVertexAttribute(Rendering.VertexAttribute attr) =>
            attr == Rendering.VertexAttribute.Tangent && HasTangents;
    }
}
