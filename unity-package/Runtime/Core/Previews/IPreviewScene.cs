using System.Collections.Generic;
using VibeSync.Core.Scene;
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

        /// <summary>
        /// The uuids of the selected objects and of the lights, cameras and meshes that they show, of at most
        /// <see cref="PreviewMessages.MaxShown"/> objects.
        /// </summary>
        IReadOnlyCollection<string> Selected { get; }

        /// <summary>Reads the transform as the scene has it; returns false if the scene has no such object.</summary>
        bool TryRead(string uuid, out NativeTransform place);

        /// <summary>Reads a light or camera as it is without a preview; returns null if the scene has none.</summary>
        Component ReadValue(string uuid);

        /// <summary>
        /// Shows the value of a light or camera, or the vertices of a mesh, as <see cref="Write"/> does, and remembers what was there before. Returns false
        /// if no object shows it, or the mesh has other vertices than those that the value builds on.
        /// </summary>
        bool Preview(string uuid, Component value);

        /// <summary>Puts back what a light, camera or mesh had before, each field that still is as it was shown.</summary>
        void EndPreview(string uuid);

        /// <summary>
        /// Sets the transform of an object and has it drawn, without an undo step and without a mark that the scene has
        /// changed.
        /// </summary>
        void Write(string uuid, in NativeTransform place);
    }
}
