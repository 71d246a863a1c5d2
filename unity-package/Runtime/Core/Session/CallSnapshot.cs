using System.Collections.Generic;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// The synchronized values of every object, light and camera at one moment, and a number for each mesh. Only the objects that differ
    /// from another snapshot are ever converted.
    /// </summary>
    public sealed class CallSnapshot
    {
        readonly Dictionary<string, NativeObject> objects;
        readonly Dictionary<string, int> meshes = new Dictionary<string, int>();
        readonly Dictionary<string, Entity> viewers = new Dictionary<string, Entity>();

        /// <param name="count">The expected number of objects.</param>
        public CallSnapshot(int count)
        {
            objects = new Dictionary<string, NativeObject>(count);
        }

        /// <summary>The uuids of all objects.</summary>
        public ICollection<string> Objects => objects.Keys;

        public bool Contains(string uuid) => objects.ContainsKey(uuid) || viewers.ContainsKey(uuid);

        /// <summary>Returns whether the snapshot has the light or camera.</summary>
        public bool HasViewer(string uuid) => viewers.ContainsKey(uuid);

        /// <summary>Adds a light or camera.</summary>
        public void AddViewer(Entity viewer) => viewers[viewer.Uuid] = viewer;

        public void Add(string uuid, in NativeObject values) => objects[uuid] = values;

        /// <param name="state">A number that differs after a recorded change of the mesh.</param>
        public void AddMesh(string uuid, int state) => meshes[uuid] = state;

        /// <summary>Returns an object, light or camera in canonical space; it must be in the snapshot.</summary>
        public Entity Convert(string uuid) =>
            viewers.TryGetValue(uuid, out Entity viewer) ? viewer : objects[uuid].ToEntity(uuid);

        /// <summary>Returns whether the snapshot has the object, with these values.</summary>
        public bool IsSame(string uuid, in NativeObject values) =>
            objects.TryGetValue(uuid, out NativeObject own) && own.IsSame(values);

        /// <summary>Returns whether both snapshots have the object, light or camera, with the same values.</summary>
        public bool IsSame(string uuid, CallSnapshot other)
        {
            if (viewers.TryGetValue(uuid, out Entity viewer))
            {
                return other.viewers.TryGetValue(uuid, out Entity before) && AreSame(viewer, before);
            }
            return other.objects.TryGetValue(uuid, out NativeObject known) && IsSame(uuid, known);
        }

        static bool AreSame(Entity viewer, Entity before)
        {
            foreach (KeyValuePair<string, Component> component in viewer.Components)
            {
                bool isSame = before.Components.TryGetValue(component.Key, out Component other)
                    && other.Digest() == component.Value.Digest();
                if (!isSame) { return false; }
            }
            return true;
        }

        /// <summary>
        /// Returns the lights, cameras and objects that this snapshot has, and the other one has not or has with other values.
        /// </summary>
        public List<string> FindChanged(CallSnapshot other)
        {
            List<string> changed = new List<string>();
            foreach (string uuid in viewers.Keys)
            {
                if (!IsSame(uuid, other)) { changed.Add(uuid); }
            }
            foreach (string uuid in objects.Keys)
            {
                if (!IsSame(uuid, other)) { changed.Add(uuid); }
            }
            return changed;
        }

        /// <summary>Returns the lights, cameras and objects that the other snapshot has and this one has not.</summary>
        public List<string> FindRemoved(CallSnapshot other)
        {
            List<string> removed = new List<string>();
            foreach (string uuid in other.viewers.Keys)
            {
                if (!viewers.ContainsKey(uuid)) { removed.Add(uuid); }
            }
            foreach (string uuid in other.objects.Keys)
            {
                if (!objects.ContainsKey(uuid)) { removed.Add(uuid); }
            }
            return removed;
        }

        /// <summary>Returns the meshes that are new since the other snapshot, and those that have another state.</summary>
        public void CompareMeshes(CallSnapshot other, List<string> created, List<string> changed)
        {
            foreach (KeyValuePair<string, int> mesh in meshes)
            {
                if (!other.meshes.TryGetValue(mesh.Key, out int known)) { created.Add(mesh.Key); }
                else if (known != mesh.Value) { changed.Add(mesh.Key); }
            }
        }
    }
}
