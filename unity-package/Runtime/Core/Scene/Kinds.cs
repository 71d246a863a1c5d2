namespace VibeSync.Core.Scene
{
    /// <summary>The kinds of entity that this package supports.</summary>
    public static class Kinds
    {
        public const string Object = "object";
        public const string Mesh = "mesh";
        public const string Light = "light";
        public const string Camera = "camera";
        public const string Material = "material";
        public const string Image = "image";
        public const string Collection = "collection";
        public const string Armature = "armature";
        public const string Action = "action";

        /// <summary>Every kind.</summary>
        public static readonly string[] All = { Object, Mesh, Light, Camera, Material, Image, Collection, Armature, Action };
    }
}
