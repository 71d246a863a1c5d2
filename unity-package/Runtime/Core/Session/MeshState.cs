namespace VibeSync.Core.Session
{
    /// <summary>
    /// Facts about a mesh of the editor that need none of its arrays, or about a material in a file of VibeSync.
    /// </summary>
    public sealed class MeshState
    {
        /// <param name="fileDigests">The text of <see cref="FileDigests"/>.</param>
        public MeshState(string name, bool isEmpty, string fileDigests)
        {
            Name = name;
            IsEmpty = isEmpty;
            FileDigests = fileDigests;
        }

        public string Name { get; }

        /// <summary>Whether it is a mesh without a vertex.</summary>
        public bool IsEmpty { get; }

        /// <summary>
        /// The digests that daemon and editor shared when the asset file was saved, as <see
        /// cref="Scene.SyncRecord.WriteDigests"/> writes them; empty if the file has none.
        /// </summary>
        public string FileDigests { get; }
    }
}
