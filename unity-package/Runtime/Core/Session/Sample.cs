using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// What an entity held at one moment, taken from the editor on its main thread. Bringing that to canonical space may
    /// happen later and on any thread.
    /// </summary>
    public sealed class Sample
    {
        readonly Func<Entity> convert;

        /// <param name="bytes">About how much there is to convert.</param>
        /// <param name="convert">Uses nothing of the editor.</param>
        public Sample(long bytes, Func<Entity> convert)
        {
            Bytes = bytes;
            this.convert = convert;
        }

        public long Bytes { get; }

        /// <summary>The entity, with all digests computed.</summary>
        public Entity Convert()
        {
            Entity entity = convert();
            foreach (Component component in entity.Components.Values) { component.Digest(); }
            return entity;
        }
    }
}
