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
        [SerializeField] string projectId = "";
        [SerializeField] long baseSeq;
        [SerializeField] List<MeshIdentity> meshes = new List<MeshIdentity>();

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
