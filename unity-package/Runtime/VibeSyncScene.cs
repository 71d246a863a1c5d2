using System;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// What VibeSync keeps about a scene as a whole: its project, and the identities of the meshes, which cannot carry
    /// a component of their own. Lives on one hidden GameObject; saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncScene : MonoBehaviour
    {
        /// <summary>
        /// How this, and the identities in the scene, are written. A later package raises it when that changes, and reads
        /// what was before; a scene without one is of the first.
        /// </summary>
        public const int KnownFormat = 1;

        [SerializeField] int format = KnownFormat;
        [SerializeField] string projectId = "";
        [SerializeField] long baseSeq;
        [SerializeField] List<MeshIdentity> meshes = new List<MeshIdentity>();

        /// <summary>The format that the scene was saved in.</summary>
        public int Format
        {
            get => format;
            set => format = value;
        }

        /// <summary>The project whose daemon this scene belongs to; empty until the first connection.</summary>
        public string ProjectId
        {
            get => projectId;
            set => projectId = value;
        }

        /// <summary>The sequence of the daemon's log up to which the scene is as new as the daemon.</summary>
        public long BaseSeq
        {
            get => baseSeq;
            set => baseSeq = value;
        }

        public List<MeshIdentity> Meshes => meshes;
    }

    /// <summary>Who a mesh is; the fields are those of <see cref="VibeSyncIdentity"/>.</summary>
    [Serializable]
    public sealed class MeshIdentity
    {
        public string Uuid = "";
        public Mesh Mesh;
        public long Version;
        public string Digests = "";
    }
}
