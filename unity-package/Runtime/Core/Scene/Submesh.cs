namespace VibeSync.Core.Scene
{
    /// <summary>A range of corners that uses one material slot.</summary>
    public readonly struct Submesh
    {
        public Submesh(int slot, int start, int count)
        {
            Slot = slot;
            Start = start;
            Count = count;
        }

        public int Slot { get; }

        /// <summary>The first corner.</summary>
        public int Start { get; }

        /// <summary>The number of corners; a multiple of three.</summary>
        public int Count { get; }
    }
}
