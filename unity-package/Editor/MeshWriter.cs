using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Writes meshes with their slots, weights and vertex groups, in the asset and in the objects that show them.</summary>
    public sealed class MeshWriter
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly MeshStore store;

        public MeshWriter(SceneIndex index, MeshRecords meshes, MeshStore store)
        {
            this.index = index;
            this.meshes = meshes;
            this.store = store;
        }

        /// <summary>Creates or changes a mesh.</summary>
        /// <param name="known">The mesh; null for a new one.</param>
        /// <param name="prepared">What the change has of its content; null without any.</param>
        public void Write(MeshIdentity known, Change change, PreparedMesh prepared, string label)
        {
            bool isGrowing = known != null && prepared?.Arrays?.SubmeshCount > known.Mesh.subMeshCount;
            // New submeshes show nothing yet, which would look like a person's assignment.
            if (isGrowing) { index.Slots.KeepOwn(known); }
            SlotsComponent slots = change.Content.Find<SlotsComponent>(SlotsComponent.Name);
            // A create without slots is of a mesh that has none.
            if (slots == null && change.Op == ChangeOp.Create) { slots = SlotsComponent.None; }
            bool hasContent = prepared != null || change.Content.Find<NameComponent>("name") != null || known == null;
            if (hasContent) { store.Write(change.Content, prepared, label); }
            MeshIdentity mesh = meshes.Find(change.Uuid);
            WriteWeights(mesh, change, label);
            if (isGrowing) { index.Slots.ShowAll(mesh, label); }
            if (slots != null) { index.Slots.WriteSlots(mesh, slots, known == null, label); }
            index.Shapes.Write(mesh, change, known != null, label);
            AnimationComponent animation = change.Content.Find<AnimationComponent>(AnimationComponent.Name)
                ?? (change.Op == ChangeOp.Create ? AnimationComponent.None : null);
            if (animation != null) { mesh.Animation = KeptRecords.WriteAnimation(animation); }
            index.Skins.Touch();
            // The mesh may be an asset, which Unity saves without the scene that has its version.
            SceneRegistry.MarkSceneChanged();
        }

        void WriteWeights(MeshIdentity mesh, Change change, string label)
        {
            WeightsComponent weights = change.Content.Find<WeightsComponent>(WeightsComponent.Name);
            // A create without groups is of a mesh that has none.
            if (weights == null && change.Op == ChangeOp.Create) { weights = WeightsComponent.None; }
            if (weights == null) { return; }
            if (!weights.IsDefault) { store.GetWritableMesh(mesh, label); }
            index.Skins.Write(mesh, weights);
        }
    }
}
