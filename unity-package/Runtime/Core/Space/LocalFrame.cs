using System;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The axes of an object and of the one above it. A viewer, an object that shows a light or a camera, looks along +Z
    /// in Unity and along -Z in canonical space. Every other object has the same axes in both, but for the mirror of X.
    /// </summary>
    public readonly struct LocalFrame : IEquatable<LocalFrame>
    {
        public LocalFrame(bool isViewer, bool isBelowViewer)
        {
            IsViewer = isViewer;
            IsBelowViewer = isBelowViewer;
        }

        /// <summary>Whether the object shows a light or a camera.</summary>
        public bool IsViewer { get; }

        /// <summary>Whether the object above shows a light or a camera.</summary>
        public bool IsBelowViewer { get; }

        public bool Equals(LocalFrame other) => IsViewer == other.IsViewer && IsBelowViewer == other.IsBelowViewer;

        public override bool Equals(object other) => other is LocalFrame frame && Equals(frame);

        public override int GetHashCode() => (IsViewer ? 1 : 0) + (IsBelowViewer ? 2 : 0);

        /// <summary>
        /// Turns a place of Unity's axes into one of the frame, in place: (turn of the one above)^-1 * place * turn of the
        /// object. A turn is the half turn about Y.
        /// </summary>
        internal void Turn(float[] position, float[] rotation)
        {
            if (IsViewer) { Set(rotation, -rotation[2], rotation[3], rotation[0], -rotation[1]); }
            if (!IsBelowViewer) { return; }
            Set(rotation, -rotation[2], -rotation[3], rotation[0], rotation[1]);
            TurnVector(position);
        }

        /// <summary>Undoes <see cref="Turn"/>.</summary>
        internal void TurnBack(float[] position, float[] rotation)
        {
            if (IsViewer) { Set(rotation, rotation[2], -rotation[3], -rotation[0], rotation[1]); }
            if (!IsBelowViewer) { return; }
            Set(rotation, rotation[2], rotation[3], -rotation[0], -rotation[1]);
            TurnVector(position);
        }

        static void TurnVector(float[] vector)
        {
            vector[0] = -vector[0] + 0f;
            vector[2] = -vector[2] + 0f;
        }

        static void Set(float[] to, float x, float y, float z, float w)
        {
            // Adding zero turns -0 into 0.
            (to[0], to[1], to[2], to[3]) = (x + 0f, y + 0f, z + 0f, w + 0f);
        }
    }
}
