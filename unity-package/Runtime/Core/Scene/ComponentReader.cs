using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads and checks the components of the wire.</summary>
    public static class ComponentReader
    {
        /// <summary>
        /// Reads and checks a component; throws VS-3004 if the key is not one of <see cref="Component.Keys"/>.
        /// </summary>
        /// <param name="basis">The mesh that a mesh builds on; null without one.</param>
        public static Component Read(string key, JsonValue json, IReadOnlyList<byte[]> attachments, string location,
            MeshComponent basis = null)
        {
            switch (key)
            {
                case "name": return NameComponent.Read(json, location);
                case "transform": return TransformComponent.Read(json, location);
                case "visibility": return VisibilityComponent.Read(json, location);
                case "guard": return GuardComponent.Read(json, location);
                case "parent":
                case "data": return ReferenceComponent.Read(key, json, location);
                case "mesh": return MeshReader.Read(json, attachments, location, basis);
                default: throw new SyncException(ErrorCode.ComponentInvalid, "the component is not supported",
                    location);
            }
        }
    }
}
