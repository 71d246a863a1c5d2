using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>Creates, finds, saves and removes the files of materials from the daemon.</summary>
    public sealed class MaterialFiles : AssetFiles<Material>
    {
        public const string Folder = MeshFiles.Folder + "/Materials";

        public MaterialFiles()
            : base(Folder, ".mat")
        {
        }

        protected override int ImportCount => MaterialImports.Count;

        protected override string Filter => "t:Material";

        /// <summary>Returns the record inside of a material; null for one of the user's, such as a duplicate of ours.</summary>
        public static MaterialTag FindTag(Material material)
        {
            MaterialTag tag = MaterialTag.Parse(MaterialTag.ReadText(material));
            return tag != null && tag.Guid == AssetNames.FindGuid(material) ? tag : null;
        }

        /// <summary>Creates a file with a new material.</summary>
        public Material Create(string uuid, string name, Shader shader)
        {
            Material made = new Material(shader);
            Create(made, uuid, name, "Material");
            return made;
        }

        protected override string FindUuid(Material asset) => FindTag(asset)?.Uuid;
    }
}
