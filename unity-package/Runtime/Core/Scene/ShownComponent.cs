using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// The evaluated mesh that an object shows in place of its data. Blender alone writes it, so the package never sends one.
    /// </summary>
    public sealed class ShownComponent : Component
    {
        public const string Name = MeshComponent.ShownKey;

        /// <summary>The value of an object that shows its data.</summary>
        public static readonly ShownComponent None = new ShownComponent(null, null);

        /// <param name="mesh">Null for an object that shows its data.</param>
        /// <param name="materials">The materials by slot; null for those of the data.</param>
        public ShownComponent(MeshComponent mesh, SlotsComponent materials)
        {
            Mesh = mesh;
            Materials = materials;
        }

        public MeshComponent Mesh { get; }

        public SlotsComponent Materials { get; }

        public override string Key => Name;

        public override bool IsDefault => Mesh == null;

        /// <param name="basis">The mesh that the mesh builds on; null without one.</param>
        public static ShownComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location,
            MeshComponent basis)
        {
            JsonValue mesh = json.Required("mesh", location);
            JsonValue materials = json.Required("materials", location);
            return new ShownComponent(
                mesh.IsNull ? null : MeshReader.Read(mesh, attachments, location + ".mesh", basis),
                materials.IsNull ? null : SlotsComponent.Read(json, location));
        }

        public override bool Matches(Component readBack)
        {
            ShownComponent other = (ShownComponent)readBack;
            bool hasSameMaterials = Materials?.Digest() == other.Materials?.Digest();
            if (Mesh == null || other.Mesh == null) { return Mesh == other.Mesh && hasSameMaterials; }
            return hasSameMaterials && Mesh.Matches(other.Mesh);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object()
            .With("mesh", Mesh == null ? JsonValue.Null : Mesh.ToJson(attachments))
            .With("materials", Materials == null ? JsonValue.Null : Materials.ToJson(null).Required("materials", Name));

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (Component part in new Component[] { Mesh, Materials })
            {
                ulong value = part?.Digest() ?? 0;
                digest.Add((uint)value);
                digest.Add((uint)(value >> 32));
            }
        }
    }
}
