using System;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// The main object of an asset file with a synchronized action. The clips below it show the slots of the action. The
    /// file also keeps channels that Unity has no curve for.
    /// </summary>
    public sealed class VibeSyncActionAsset : ScriptableObject
    {
        [SerializeField] string uuid = "";
        [SerializeField] string guid = "";
        [SerializeField] string actionName = "";
        [SerializeField] string assetName = "";
        [SerializeField] string content = "";
        [SerializeField] string digests = "";
        [SerializeField] List<ClipIdentity> clips = new List<ClipIdentity>();

        public string Uuid
        {
            get => uuid;
            set => uuid = value;
        }

        /// <summary>The GUID of the asset file: a duplicate of the file has another one.</summary>
        public string Guid
        {
            get => guid;
            set => guid = value;
        }

        /// <summary>The name that the daemon has.</summary>
        public string ActionName
        {
            get => actionName;
            set => actionName = value;
        }

        /// <summary>The name of the file when the daemon's name was written.</summary>
        public string AssetName
        {
            get => assetName;
            set => assetName = value;
        }

        /// <summary>The action that the clips were made of, in canonical form: JSON, with the buffers in base64.</summary>
        public string Content
        {
            get => content;
            set => content = value;
        }

        /// <summary>The digests that daemon and editor shared when the file was written.</summary>
        public string Digests
        {
            get => digests;
            set => digests = value;
        }

        /// <summary>The clips, one a slot.</summary>
        public List<ClipIdentity> Clips
        {
            get => clips;
            set => clips = value;
        }
    }

    /// <summary>Stores which slot a clip shows, and how. Never changed, only replaced.</summary>
    [Serializable]
    public sealed class ClipIdentity
    {
        /// <summary>The id of the slot.</summary>
        public long Slot;

        public AnimationClip Clip;

        /// <summary>The text of the view that the clip was written with.</summary>
        public string View = "";

        /// <summary>The properties that Unity does not hold as they were written, separated by semicolons.</summary>
        public string Left = "";
    }
}
