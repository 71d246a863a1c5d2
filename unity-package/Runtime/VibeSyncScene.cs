using System;
using System.Collections.Generic;
using UnityEngine;

namespace VibeSync
{
    /// <summary>
    /// Stores the registry of a scene and the identities of its meshes, which cannot carry a component themselves. It
    /// sits on one hidden GameObject and is saved with the scene.
    /// </summary>
    [DisallowMultipleComponent]
    [AddComponentMenu("")]
    public sealed class VibeSyncScene : MonoBehaviour
    {
        /// <summary>
        /// The format of this component and of the identities in the scene. A later package raises it when the format
        /// changes, and still reads older ones. Format 1 kept versions and digests in the components of the objects;
        /// format 2 keeps them in the registry.
        /// </summary>
        public const int KnownFormat = 2;

        const long None = -1;

        // A scene without a number has format 1.
        [SerializeField] int format = 1;
        [SerializeField] string registry = "";
        [SerializeField] List<MeshIdentity> meshes = new List<MeshIdentity>();

        [SerializeField] List<ShownIdentity> shown = new List<ShownIdentity>();

        [SerializeField] List<DataIdentity> unused = new List<DataIdentity>();

        [SerializeField] List<MaterialIdentity> materials = new List<MaterialIdentity>();

        [SerializeField] List<ImageIdentity> images = new List<ImageIdentity>();

        [SerializeField] List<KeptEntity> collections = new List<KeptEntity>();

        [SerializeField] List<KeptEntity> armatures = new List<KeptEntity>();

        [SerializeField] List<ActionIdentity> actions = new List<ActionIdentity>();

        // Format 1.
        [SerializeField] string projectId = "";
        [SerializeField] long baseSeq;
        [SerializeField] long lastSeq;
        [SerializeField] string epochs = "";
        [SerializeField] long divergedAfter = None;

        /// <summary>The format that the scene was saved in.</summary>
        public int Format
        {
            get => format;
            set => format = value;
        }

        /// <summary>The registry as it was when the scene was saved last, as JSON; empty if it never was.</summary>
        public string Registry
        {
            get => registry;
            set => registry = value;
        }

        /// <summary>The project that a scene of format 1 stored; the same holds for the next four.</summary>
        public string ProjectId => projectId;

        public long BaseSeq => baseSeq;

        public long LastSeq => lastSeq;

        public string Epochs => epochs;

        public long? DivergedAfter => divergedAfter == None ? (long?)null : divergedAfter;

        /// <summary>The uuids of meshes, which cannot carry a component.</summary>
        public List<MeshIdentity> Meshes => meshes;

        /// <summary>The evaluated meshes that objects show in place of their data.</summary>
        public List<ShownIdentity> Shown => shown;

        /// <summary>The lights and cameras that the project has and no object of the scene shows.</summary>
        public List<DataIdentity> Unused => unused;

        /// <summary>The materials that are synchronized, also those that no object shows.</summary>
        public List<MaterialIdentity> Materials => materials;

        /// <summary>The images that are synchronized, also those that no material shows.</summary>
        public List<ImageIdentity> Images => images;

        /// <summary>The collections of the project, which Unity does not have.</summary>
        public List<KeptEntity> Collections => collections;

        /// <summary>The armatures of the project, whose joints objects show.</summary>
        public List<KeptEntity> Armatures => armatures;

        /// <summary>The actions that are synchronized, also those that nothing plays.</summary>
        public List<ActionIdentity> Actions => actions;

        /// <summary>Removes the data of format 1.</summary>
        public void ClearFormatOne()
        {
            projectId = epochs = "";
            baseSeq = lastSeq = 0;
            divergedAfter = None;
        }
    }

    /// <summary>
    /// Stores the identity of a mesh. Version and digests are of format 1; see <see cref="VibeSyncScene.KnownFormat"/>.
    /// </summary>
    [Serializable]
    public sealed class MeshIdentity
    {
        public string Uuid = "";
        public Mesh Mesh;
        public long Version;
        public string Digests = "";

        /// <summary>
        /// The materials of the mesh by slot, as JSON: Unity has materials in renderers alone. Empty before they were chosen.
        /// </summary>
        public string Slots = "";

        /// <summary>The shape keys of the mesh, as JSON: Unity has no field for their bases and limits.</summary>
        public string ShapeKeys = "";

        /// <summary>The weights of the shape keys, as JSON: Unity has them in renderers alone. Empty before they were chosen.</summary>
        public string ShapeValues = "";

        /// <summary>The vertex groups of the mesh, as a text: Unity has only what moves vertices. Empty for none.</summary>
        public string Weights = "";

        /// <summary>The action that the shape keys play, as JSON; empty for none.</summary>
        public string Animation = "";

        public MeshIdentity Clone() => (MeshIdentity)MemberwiseClone();
    }

    /// <summary>Stores an entity that Unity does not have: a collection or an armature.</summary>
    [Serializable]
    public sealed class KeptEntity
    {
        public string Uuid = "";
        public string Name = "";

        /// <summary>The component in canonical form, as JSON.</summary>
        public string Value = "";
    }

    /// <summary>Stores the evaluated mesh of an object.</summary>
    [Serializable]
    public sealed class ShownIdentity
    {
        /// <summary>The uuid of the object.</summary>
        public string Uuid = "";

        public Mesh Mesh;

        /// <summary>The uuid of the mesh that is the object's data; empty for none.</summary>
        public string Data = "";

        /// <summary>The materials by slot, as JSON; empty for those of the data.</summary>
        public string Materials = "";

        public ShownIdentity Clone() => (ShownIdentity)MemberwiseClone();
    }

    /// <summary>Stores the identity of an asset.</summary>
    [Serializable]
    public abstract class AssetIdentity
    {
        public string Uuid = "";

        /// <summary>The name that the daemon has, and that of the asset at that time.</summary>
        public string Name = "";
        public string AssetName = "";

        /// <summary>The asset; null if it is gone.</summary>
        public abstract UnityEngine.Object Asset { get; }

        public AssetIdentity Clone() => (AssetIdentity)MemberwiseClone();
    }

    /// <summary>
    /// Stores the identity of a material. A material in a file of VibeSync has its values beside itself; the others are kept
    /// here.
    /// </summary>
    [Serializable]
    public sealed class MaterialIdentity : AssetIdentity
    {
        public Material Material;

        /// <summary>Components in canonical form, as JSON; empty where the material itself has them.</summary>
        public string Pbr = "";
        public string Emission = "";
        public string Maps = "";
        public string Locks = "";

        public override UnityEngine.Object Asset => Material;
    }

    /// <summary>Stores the identity of an image. Its values are in its file and in the settings of its importer.</summary>
    [Serializable]
    public sealed class ImageIdentity : AssetIdentity
    {
        /// <summary>The main object of the file: a texture, unless Unity cannot read the format.</summary>
        public UnityEngine.Object File;

        public override UnityEngine.Object Asset => File;
    }

    /// <summary>Stores the identity of an action. Its values are in its file.</summary>
    [Serializable]
    public sealed class ActionIdentity : AssetIdentity
    {
        public VibeSyncActionAsset File;

        public override UnityEngine.Object Asset => File;
    }
}
