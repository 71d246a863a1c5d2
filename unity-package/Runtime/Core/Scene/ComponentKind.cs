using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// One kind of component, and the table of those that this package supports. tests/golden/components.json has the
    /// list of all implementations.
    /// </summary>
    public sealed class ComponentKind
    {
        /// <summary>Reads and checks a value.</summary>
        /// <param name="basis">The mesh that a mesh builds on; null without one.</param>
        public delegate Component Reader(JsonValue json, IReadOnlyList<byte[]> attachments, string location,
            MeshComponent basis);

        /// <summary>
        /// The supported kinds, in the order in which the package applies them. A transform depends on the data.
        /// </summary>
        public static readonly ComponentKind[] All =
        {
            new ComponentKind("name", (json, _, location, _) => NameComponent.Read(json, location),
                Kinds.All),
            new ComponentKind(ImageComponent.Name, (json, attachments, location, _) => ImageComponent.Read(json, attachments,
                location), Kinds.Image),
            new ComponentKind(PbrComponent.Name, (json, _, location, _) => PbrComponent.Read(json, location), Kinds.Material)
                { IsPreviewed = true },
            new ComponentKind(EmissionComponent.Name, (json, _, location, _) => EmissionComponent.Read(json, location),
                Kinds.Material) { IsPreviewed = true },
            new ComponentKind(MapsComponent.Name, (json, _, location, _) => MapsComponent.Read(json, location), Kinds.Material),
            new ComponentKind(CollectionComponent.Name, (json, _, location, _) => CollectionComponent.Read(json, location),
                Kinds.Collection),
            new ComponentKind(ArmatureComponent.Name, (json, _, location, _) => ArmatureComponent.Read(json, location),
                Kinds.Armature),
            new ComponentKind(ActionComponent.Name, (json, attachments, location, _) => ActionReader.Read(json, attachments,
                location), Kinds.Action),
            new ComponentKind("mesh", MeshReader.Read, Kinds.Mesh),
            new ComponentKind(SlotsComponent.Name, (json, _, location, _) => SlotsComponent.Read(json, location), Kinds.Mesh),
            new ComponentKind(ShapesComponent.Name, (json, attachments, location, _) => ShapesComponent.Read(json, attachments,
                location), Kinds.Mesh),
            new ComponentKind(ShapeValuesComponent.Name, (json, _, location, _) => ShapeValuesComponent.Read(json, location),
                Kinds.Mesh),
            new ComponentKind(WeightsComponent.Name, (json, attachments, location, _) => WeightsComponent.Read(json, attachments,
                location), Kinds.Mesh),
            new ComponentKind(Kinds.Light, (json, _, location, _) => LightComponent.Read(json, location), Kinds.Light)
                { IsPreviewed = true },
            new ComponentKind(Kinds.Camera, (json, _, location, _) => CameraComponent.Read(json, location), Kinds.Camera)
                { IsPreviewed = true },
            new ComponentKind("data", (json, _, location, _) => ReferenceComponent.Read("data", json, location)),
            new ComponentKind(PoseComponent.Name, (json, _, location, _) => PoseComponent.Read(json, location)),
            new ComponentKind("parent", (json, _, location, _) => ReferenceComponent.Read("parent", json, location)),
            new ComponentKind(SkinComponent.Name, (json, _, location, _) => SkinComponent.Read(json, location)),
            new ComponentKind(ShownComponent.Name, ShownComponent.Read),
            new ComponentKind(MaterialsComponent.Name, (json, _, location, _) => MaterialsComponent.Read(json, location)),
            new ComponentKind(CollectionsComponent.Name, (json, _, location, _) => CollectionsComponent.Read(json, location)),
            new ComponentKind(PrefabComponent.Name, (json, _, location, _) => PrefabComponent.Read(json, location)),
            new ComponentKind(InstanceComponent.Name, (json, _, location, _) => InstanceComponent.Read(json, location)),
            new ComponentKind(AnimationComponent.Name, (json, _, location, _) => AnimationComponent.Read(json, location),
                Kinds.Object, Kinds.Mesh, Kinds.Light, Kinds.Camera),
            new ComponentKind(LocksComponent.Name, (json, _, location, _) => LocksComponent.Read(json, location), Kinds.Object,
                Kinds.Light, Kinds.Camera, Kinds.Material),
            new ComponentKind("transform", (json, _, location, _) => TransformComponent.Read(json, location))
                { IsPreviewed = true },
            new ComponentKind("visibility", (json, _, location, _) => VisibilityComponent.Read(json, location)),
            new ComponentKind("guard", (json, _, location, _) => GuardComponent.Read(json, location)),
        };

        readonly string[] kinds;

        /// <param name="kinds">The kinds of entity that have it; objects if none is named.</param>
        ComponentKind(string key, Reader read, params string[] kinds)
        {
            Key = key;
            Read = read;
            this.kinds = kinds.Length == 0 ? new[] { Kinds.Object } : kinds;
        }

        /// <summary>The component's key on the wire.</summary>
        public string Key { get; }

        /// <summary>Reads and checks a value.</summary>
        public Reader Read { get; }

        /// <summary>Whether an editor may show a value of it while a person works.</summary>
        public bool IsPreviewed { get; private set; }

        /// <summary>The kind of entity that has it; the first of several.</summary>
        public string Kind => kinds[0];

        /// <summary>Returns whether an entity of the kind may have the component.</summary>
        public bool IsOn(string kind) => Array.IndexOf(kinds, kind) >= 0;

        /// <summary>Returns the kind of component with the key; throws VS-3004 if there is none.</summary>
        public static ComponentKind Find(string key, string location)
        {
            foreach (ComponentKind kind in All)
            {
                if (kind.Key == key) { return kind; }
            }
            throw new SyncException(ErrorCode.ComponentInvalid, "the component is not supported", location);
        }
    }
}
