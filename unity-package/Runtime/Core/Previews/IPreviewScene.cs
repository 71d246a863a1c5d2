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
        /// <see cref="PreviewMessages.MaxShown"/> objects. Also those of the materials that the inspector shows.
        /// </summary>
        IReadOnlyCollection<string> Selected { get; }

        /// <summary>Reads the transform as the scene has it; returns false if the scene has no such object.</summary>
        bool TryRead(string uuid, out NativeTransform place);

        /// <summary>
        /// Reads what a preview carries of a light, a camera or a material, as it is without one; returns null if the scene has
        /// none.
        /// </summary>
        Entity ReadValue(string uuid);

        /// <summary>
        /// Shows a light, a camera, a material or the vertices of a mesh as <see cref="Write"/> does, and remembers what was
        /// there before. Returns false if that cannot be shown, as on a mesh with other vertices than the value builds on.
        /// </summary>
        bool Preview(Entity value);

        /// <summary>Continues with showing where that takes more than one tick.</summary>
        void Advance();

        /// <summary>Puts back what such an entity had before, each field that still is as it was shown.</summary>
        void EndPreview(string uuid);

        /// <summary>
        /// Sets the transform of an object and has it drawn, without an undo step and without a mark that the scene has
        /// changed.
        /// </summary>
        void Write(string uuid, in NativeTransform place);
    }
}
