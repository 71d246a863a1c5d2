namespace VibeSync.Core.Scene
{
    /// <summary>The kinds of entity that this package supports.</summary>
    public static class Kinds
    {
        public const string Object = "object";
        public const string Mesh = "mesh";
    }
}
