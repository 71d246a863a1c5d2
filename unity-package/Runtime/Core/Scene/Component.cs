using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>One component of an entity, in canonical space. Components are always sent whole.</summary>
    public abstract class Component
    {
        /// <summary>
        /// The largest difference of equal numbers, unless <see cref="RelativeEpsilon"/> is coarser; docs/protocol.md,
        /// part 4.
        /// </summary>
        protected const double Epsilon = 1e-5;

        /// <summary>The resolution of single precision.</summary>
        const double RelativeEpsilon = 1.0 / (1 << 21);

        ulong cachedDigest;
        bool hasDigest;

        /// <summary>The component's key on the wire.</summary>
        public abstract string Key { get; }

        /// <summary>Whether an entity without this component has the same value.</summary>
        public virtual bool IsDefault => false;

        /// <summary>The uuids of the entities that the component names; null for none.</summary>
        public virtual IEnumerable<string> References => Array.Empty<string>();

        /// <summary>Writes the component; its buffers are appended to <paramref name="attachments"/>.</summary>
        public abstract JsonValue ToJson(List<byte[]> attachments);

        /// <summary>Adds every value that equality depends on.</summary>
        protected abstract void AddToDigest(ref Digest digest);

        /// <summary>
        /// Returns the digest of the component's value, computed once because a component does not change.
        /// </summary>
        public ulong Digest()
        {
            if (hasDigest) { return cachedDigest; }
            Digest digest = default;
            digest.Add(Key);
            AddToDigest(ref digest);
            cachedDigest = digest.Value;
            hasDigest = true;
            return cachedDigest;
        }

        /// <summary>
        /// Returns whether an editor that received this component and reads <paramref name="readBack"/> back holds it.
        /// </summary>
        public virtual bool Matches(Component readBack) => Digest() == readBack.Digest();

        /// <summary>Returns whether two numbers are equal.</summary>
        internal static bool AreClose(double a, double b)
        {
            return Math.Abs(a - b) <= Math.Max(Epsilon, RelativeEpsilon * Math.Max(Math.Abs(a), Math.Abs(b)));
        }

        /// <summary>Returns whether the numbers of two arrays of one length are equal.</summary>
        internal static bool AreClose(double[] a, double[] b)
        {
            for (int i = 0; i < a.Length; i++)
            {
                if (!AreClose(a[i], b[i])) { return false; }
            }
            return true;
        }

        /// <summary>Returns whether both numbers are none, or are equal.</summary>
        protected static bool AreClose(double? a, double? b) => a == null || b == null ? a == b : AreClose(a.Value, b.Value);
    }
}
