using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Stores the identity of a GameObject that is no part of a prefab instance; see <see cref="VibeSyncParts"/>.
    /// Written by the VibeSync bridge, saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncIdentity : MonoBehaviour
    {
        [SerializeField] string uuid = "";

        [SerializeField] bool humanOnly;

        [SerializeField] DataIdentity data = new DataIdentity();

        [SerializeField] KeptValues kept = new KeptValues();

        // Format 1; see VibeSyncScene.KnownFormat.
        [SerializeField] long version;
        [SerializeField] string digests = "";

        /// <summary>The entity's uuid; empty until the bridge assigns one.</summary>
        public string Uuid
        {
            get => uuid;
            set => uuid = value;
        }

        /// <summary>Whether people keep the object, and all objects below it, from agents.</summary>
        public bool IsHumanOnly
        {
            get => humanOnly;
            set => humanOnly = value;
        }

        /// <summary>The light or camera that the object shows.</summary>
        public DataIdentity Data
        {
            get => data;
            set => data = value;
        }

        /// <summary>The values of the object for which Unity has no field.</summary>
        public KeptValues Kept
        {
            get => kept;
            set => kept = value;
        }

        /// <summary>The version that a scene of format 1 stored; 0 in later ones.</summary>
        public long Version => version;

        /// <summary>The digests that a scene of format 1 stored; empty in later ones.</summary>
        public string Digests => digests;

        /// <summary>Removes the data of format 1.</summary>
        public void ClearFormatOne() => (version, digests) = (0, "");
    }
}
