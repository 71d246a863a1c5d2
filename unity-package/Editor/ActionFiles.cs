using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Creates, finds, saves and removes the files of actions from the daemon.</summary>
    public sealed class ActionFiles : AssetFiles<VibeSyncActionAsset>
    {
        public const string Folder = MeshFiles.Folder + "/Actions";

        public ActionFiles()
            : base(Folder, ".asset")
        {
        }

        protected override int ImportCount => ActionImports.Count;

        protected override string Filter => "t:" + nameof(VibeSyncActionAsset);

        /// <summary>Returns whether a file is one of VibeSync's, and no duplicate that a person made.</summary>
        public static bool IsOwn(VibeSyncActionAsset asset) => asset.Guid == AssetNames.FindGuid(asset);

        /// <summary>Creates a file with a new action.</summary>
        public VibeSyncActionAsset Create(string uuid, string name)
        {
            VibeSyncActionAsset made = ScriptableObject.CreateInstance<VibeSyncActionAsset>();
            made.Uuid = uuid;
            Create(made, uuid, name, "Action");
            made.Guid = AssetNames.FindGuid(made);
            return made;
        }

        protected override string FindUuid(VibeSyncActionAsset asset) => IsOwn(asset) ? asset.Uuid : null;
    }
}
