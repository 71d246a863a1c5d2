using System;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Stores the project of a scene and the identities of its meshes, which cannot carry a component themselves. It
    /// sits on one hidden GameObject and is saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncScene : MonoBehaviour
    {
        /// <summary>
        /// The format of this component and of the identities in the scene. A later package raises it when the format
        /// changes, and still reads older ones. A scene without a number has format 1.
        /// </summary>
        public const int KnownFormat = 1;

        const long None = -1;

        [SerializeField] int format = KnownFormat;
        [SerializeField] string projectId = "";
        [SerializeField] long baseSeq;
        [SerializeField] long lastSeq;
        [SerializeField] string epochs = "";
        [SerializeField] long divergedAfter = None;
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

        /// <summary>The sequence of the daemon's log up to which the scene is current.</summary>
        public long BaseSeq
        {
            get => baseSeq;
            set => baseSeq = value;
        }

        /// <summary>The highest sequence of the daemon's log that the scene has heard of in an answer.</summary>
        public long LastSeq
        {
            get => lastSeq;
            set => lastSeq = value;
        }

        /// <summary>The epochs that the daemon named last, as JSON; only the daemon reads them.</summary>
        public string Epochs
        {
            get => epochs;
            set => epochs = value;
        }

        /// <summary>
        /// The last record that the scene shares with the daemon's log, while it sends again what the log lacks.
        /// </summary>
        public long? DivergedAfter
        {
            get => divergedAfter == None ? (long?)null : divergedAfter;
            set => divergedAfter = value ?? None;
        }

        public List<MeshIdentity> Meshes => meshes;
    }

    /// <summary>Stores the identity of a mesh, in the fields of <see cref="VibeSyncIdentity"/>.</summary>
    [Serializable]
    public sealed class MeshIdentity
    {
        public string Uuid = "";
        public Mesh Mesh;
        public long Version;
        public string Digests = "";
    }
}
