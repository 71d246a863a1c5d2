using System.Collections.Generic;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>What the scene holds that is not synchronized: said once a kind, and listed in the window.</summary>
    public sealed class Unsupported
    {
        /// <summary>By the names of component types, so that the package needs none of the engine's modules.</summary>
        static readonly Dictionary<string, string> Kinds = new Dictionary<string, string>
        {
            ["Light"] = "lights", ["Camera"] = "cameras", ["SkinnedMeshRenderer"] = "skinned meshes",
            ["Animator"] = "animation", ["Animation"] = "animation", ["ParticleSystem"] = "particles",
            ["Terrain"] = "terrains", ["SpriteRenderer"] = "sprites", ["Tilemap"] = "tilemaps",
            ["LODGroup"] = "levels of detail", ["AudioSource"] = "sounds",
        };

        readonly SortedDictionary<string, string> first = new SortedDictionary<string, string>();
        readonly List<Component> components = new List<Component>();

        /// <summary>One line a kind: what it is and where it was first met.</summary>
        public List<string> Lines
        {
            get
            {
                List<string> lines = new List<string>();
                foreach (KeyValuePair<string, string> kind in first)
                {
                    lines.Add(kind.Key + " (first met at " + kind.Value + ")");
                }
                return lines;
            }
        }

        /// <summary>Looks at the components of an object.</summary>
        public void Look(GameObject target)
        {
            target.GetComponents(components);
            foreach (Component component in components)
            {
                // A script that is missing leaves an empty place.
                if (component == null) { continue; }
                if (Kinds.TryGetValue(component.GetType().Name, out string kind)) { Say(kind, target); }
            }
            MeshFilter filter = target.GetComponent<MeshFilter>();
            if (filter != null && filter.sharedMesh != null) { Look(filter.sharedMesh, target); }
        }

        void Look(Mesh mesh, GameObject target)
        {
            if (!mesh.isReadable) { Say("meshes whose import forbids reading", target); }
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                if (mesh.GetTopology(i) != MeshTopology.Triangles) { Say("lines, points and quads of meshes", target); }
            }
        }

        void Say(string kind, GameObject target)
        {
            if (first.ContainsKey(kind)) { return; }
            first.Add(kind, target.name);
            Debug.Log("VibeSync does not synchronize " + kind + "; first met at " + target.name);
        }
    }
}
