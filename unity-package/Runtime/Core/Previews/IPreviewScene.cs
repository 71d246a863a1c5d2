using System.Collections.Generic;
using VibeSync.Core.Space;

namespace VibeSync.Core.Previews
{
    /// <summary>
    /// Gives previews access to the objects of the open scenes. All calls come from the main thread.
    /// </summary>
    public interface IPreviewScene
    {
        /// <summary>Whether the user holds a gizmo, a handle or a field with the mouse.</summary>
        bool IsHolding { get; }

        /// <summary>The uuids of the selected objects, at most <see cref="PreviewMessages.MaxShown"/>.</summary>
        IReadOnlyCollection<string> Selected { get; }

        /// <summary>Reads the transform as the scene has it; returns false if the scene has no such object.</summary>
        bool TryRead(string uuid, out NativeTransform place);

        /// <summary>
        /// Sets the transform of an object and has it drawn, without an undo step and without a mark that the scene has
        /// changed.
        /// </summary>
        void Write(string uuid, in NativeTransform place);
    }
}
