using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>An object or mesh of the scene, named by its uuid, in canonical space.</summary>
    public sealed class Entity
    {
        readonly Dictionary<string, Component> components = new Dictionary<string, Component>();

        public Entity(string uuid, string kind)
        {
            Uuid = uuid;
            Kind = kind;
        }

        public string Uuid { get; }

        public string Kind { get; }

        public IReadOnlyDictionary<string, Component> Components => components;

        public T Find<T>(string key) where T : Component
        {
            return components.TryGetValue(key, out Component component) ? component as T : null;
        }

        /// <summary>Returns the mesh of a mesh, or the evaluated one of an object; null for none.</summary>
        public MeshComponent FindMesh() => Find<MeshComponent>("mesh") ?? Find<ShownComponent>(ShownComponent.Name)?.Mesh;

        public void Set(Component component) => components[component.Key] = component;

        /// <summary>Returns a copy without the components whose absence means the same.</summary>
        public Entity WithoutDefaults()
        {
            Entity copy = new Entity(Uuid, Kind);
            foreach (Component component in components.Values)
            {
                if (!component.IsDefault) { copy.Set(component); }
            }
            return copy;
        }

        /// <summary>Returns a copy with the components that a preview carries.</summary>
        public Entity OnlyPreviewed()
        {
            Entity copy = new Entity(Uuid, Kind);
            foreach (Component component in components.Values)
            {
                if (ComponentKind.Find(component.Key, "").IsPreviewed) { copy.Set(component); }
            }
            return copy;
        }

        public JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("uuid", Uuid).With("kind", Kind)
                .With("components", ComponentsToJson(attachments));
        }

        public JsonValue ComponentsToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object();
            foreach (Component component in components.Values)
            {
                json.With(component.Key, component.ToJson(attachments));
            }
            return json;
        }
    }
}
