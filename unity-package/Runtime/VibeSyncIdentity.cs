using UnityEngine;

namespace VibeSync
{
    /// <summary>Stores the identity of a GameObject. Written by the VibeSync bridge, saved with the scene.</summary>
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

        /// <summary>The daemon's version of the entity that the GameObject last matched; 0 if it never did.</summary>
        public long Version
        {
            get => version;
            set => version = value;
        }

        /// <summary>A digest of each component at that version.</summary>
        public string Digests
        {
            get => digests;
            set => digests = value;
        }
    }
}
