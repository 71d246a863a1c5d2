using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// The synchronized values of an object as Unity has them: a copy costs little, and two are compared without a
    /// conversion. Lengths are in meters, in Unity's space.
    /// </summary>
    public struct NativeObject
    {
        public string Name;

        /// <summary>The uuid of the object above; null without one.</summary>
        public string Parent;

        /// <summary>The uuid of the mesh; null without one.</summary>
        public string Data;

        public bool IsActive;

        public bool IsHumanOnly;

        public NativeTransform Place;

        /// <summary>The materials of its own; null where materials are not synchronized.</summary>
        public MaterialsComponent Materials;

        public LocksComponent Locks;

        public CollectionsComponent Collections;

        public InstanceComponent Instance;

        public PrefabComponent Prefab;

        public PoseComponent Pose;

        public SkinComponent Skin;

        public AnimationComponent Animation;

        /// <summary>Returns whether all values are the same.</summary>
        public bool IsSame(in NativeObject other)
        {
            return Name == other.Name && Parent == other.Parent && Data == other.Data && IsActive == other.IsActive
                && IsHumanOnly == other.IsHumanOnly && Place.IsSame(other.Place) && AreSame(Materials, other.Materials)
                && AreSame(Locks, other.Locks) && AreSame(Collections, other.Collections) && AreSame(Instance, other.Instance)
                && AreSame(Prefab, other.Prefab) && AreSame(Pose, other.Pose) && AreSame(Skin, other.Skin)
                && AreSame(Animation, other.Animation);
        }

        static bool AreSame(Component a, Component b) =>
            ReferenceEquals(a, b) || (a != null && b != null && a.Digest() == b.Digest());

        /// <summary>Converts to canonical space.</summary>
        public Entity ToEntity(string uuid)
        {
            Entity entity = new Entity(uuid, Kinds.Object);
            entity.Set(NameComponent.FromEditor(Name));
            entity.Set(Place.ToComponent());
            entity.Set(new VisibilityComponent(IsActive));
            entity.Set(new ReferenceComponent("parent", Parent));
            entity.Set(new ReferenceComponent("data", Data));
            entity.Set(new GuardComponent(IsHumanOnly));
            if (Materials != null) { entity.Set(Materials); }
            entity.Set(Locks ?? LocksComponent.None);
            entity.Set(Collections ?? CollectionsComponent.SceneAlone);
            entity.Set(Instance ?? InstanceComponent.None);
            entity.Set(Prefab ?? PrefabComponent.None);
            entity.Set(Pose ?? PoseComponent.AtRest);
            entity.Set(Skin ?? SkinComponent.None);
            entity.Set(Animation ?? AnimationComponent.None);
            return entity;
        }
    }
}
