using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// A copy of an entity's data, taken from the editor on its main thread. Its conversion to canonical space may run
    /// later and on any thread.
    /// </summary>
    public sealed class Sample
    {
        readonly Func<Entity, Entity> convert;

        /// <param name="bytes">The approximate size of the data to convert.</param>
        /// <param name="convert">
        /// Converts the data; must not use the editor. Uses the bulk data of the entity that it is given, where the data is
        /// exactly the same.
        /// </param>
        public Sample(long bytes, Func<Entity, Entity> convert)
        {
            Bytes = bytes;
            this.convert = convert;
        }

        public long Bytes { get; }

        /// <summary>Returns the entity, with all digests computed.</summary>
        /// <param name="sent">What the daemon sent of the entity; null without it.</param>
        public Entity Convert(Entity sent = null)
        {
            Entity entity = convert(sent);
            foreach (Component component in entity.Components.Values) { component.Digest(); }
            return entity;
        }
    }
}
