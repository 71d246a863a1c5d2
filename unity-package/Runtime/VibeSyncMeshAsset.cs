using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// The main object of an asset file with a synchronized mesh. Unity names the main object by its file; the mesh is
    /// a sub-asset, which keeps the name that a person gave it.
    /// </summary>
    public sealed class VibeSyncMeshAsset : ScriptableObject
    {
        [SerializeField] string uuid = "";
        [SerializeField] string digests = "";

        /// <summary>The uuid of the mesh, which is also the name of the file.</summary>
        public string Uuid
        {
            get => uuid;
            set => uuid = value;
        }

        /// <summary>
        /// The digests of the mesh that daemon and editor last shared. They are in the file of the mesh, so they show
        /// whether the file is older than the scene.
        /// </summary>
        public string Digests
        {
            get => digests;
            set => digests = value;
        }
    }
}
