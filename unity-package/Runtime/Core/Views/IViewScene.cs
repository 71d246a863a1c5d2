using System.Collections.Generic;

namespace VibeSync.Core.Views
{
    /// <summary>
    /// Gives the session access to what the user sees: pictures of the scene, and the selection. All calls come from the
    /// main thread.
    /// </summary>
    public interface IViewScene
    {
        /// <summary>
        /// Draws the scene. Changes neither the scene nor the user's views. Throws VS-3001 if an entity is no object of the
        /// scene, VS-9206 if the editor cannot draw.
        /// </summary>
        Picture Draw(ViewRequest request);

        /// <summary>
        /// Selects exactly these objects, as one undo step, and returns the selection that the editor then has. Throws
        /// VS-3001, and selects nothing, if an entity is no object of the scene.
        /// </summary>
        List<string> Select(ViewRequest request);
    }
}
