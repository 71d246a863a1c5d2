using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Who a GameObject is, whatever its name or place. Written by the VibeSync bridge; saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncIdentity : MonoBehaviour
    {
        [SerializeField] string uuid = "";
        [SerializeField] long version;
        [SerializeField] string digests = "";

        /// <summary>The entity's uuid; empty until the bridge assigns one.</summary>
        public string Uuid
        {
            get => uuid;
            set => uuid = value;
        }

        /// <summary>The daemon's version of the entity when it was last the same here; 0 when it never was.</summary>
        public long Version
        {
            get => version;
            set => version = value;
        }

        /// <summary>A digest of each component as it was at that version.</summary>
        public string Digests
        {
            get => digests;
            set => digests = value;
        }
    }
}
