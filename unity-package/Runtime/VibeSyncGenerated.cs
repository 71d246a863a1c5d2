using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Marks an object that VibeSync has made to show an instance of a collection. The object is no entity, and neither is
    /// anything below it. It follows the object that it shows: each edit of it is undone. It is saved with the scene, so that
    /// a game and a build show the instance.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncGenerated : MonoBehaviour
    {
        [SerializeField] string source = "";

        [SerializeField] string shownLight = "";

        /// <summary>The uuid of the object that it shows, or of the collection whose objects are below it.</summary>
        public string Source
        {
            get => source;
            set => source = value;
        }

        /// <summary>The value of the light that it shows, as JSON; empty for none.</summary>
        public string Light
        {
            get => shownLight;
            set => shownLight = value;
        }
    }
}
