namespace VibeSync.Core.Discovery
{
    /// <summary>The operating systems, by their rules for folders.</summary>
    public enum Platform
    {
        Unix,
        MacOs,
        Windows,
    }
}
