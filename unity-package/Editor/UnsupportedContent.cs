using System.Collections.Generic;
using UnityEngine;

namespace VibeSync.Editor
{
    /// <summary>
    /// Collects the scene content that is not synchronized: logs each kind once, and lists all kinds for the window.
    /// </summary>
    public sealed class UnsupportedContent
    {
        /// <summary>
        /// Maps names of component types to kinds. Names keep the package independent of the engine's modules.
        /// </summary>
        static readonly Dictionary<string, string> Kinds = new Dictionary<string, string>
        {
            ["Animator"] = "animation", ["Animation"] = "animation", ["ParticleSystem"] = "particles",
            ["Terrain"] = "terrains", ["SpriteRenderer"] = "sprites", ["Tilemap"] = "tilemaps",
            ["LODGroup"] = "levels of detail", ["AudioSource"] = "sounds",
        };

        readonly SortedDictionary<string, string> firstFound = new SortedDictionary<string, string>();
        readonly List<Component> components = new List<Component>();

        /// <summary>One line for each kind, with the name of the first object that has it.</summary>
        public List<string> Lines
        {
            get
            {
                List<string> lines = new List<string>();
                foreach (KeyValuePair<string, string> kind in firstFound)
                {
                    lines.Add(kind.Key + " (first found at " + kind.Value + ")");
                }
                return lines;
            }
        }

        /// <summary>Inspects the components of an object.</summary>
        public void Inspect(GameObject target)
        {
            target.GetComponents(components);
            foreach (Component component in components)
            {
                // A missing script leaves a null component.
                if (component == null) { continue; }
                if (Kinds.TryGetValue(component.GetType().Name, out string kind)) { Report(kind, target); }
            }
            bool isSkinned = target.GetComponent<SkinnedMeshRenderer>() != null && MeshHolder.FindSkin(target) == null;
            if (isSkinned) { Report("skinned meshes", target); }
            Mesh mesh = MeshHolder.Find(target);
            if (mesh != null) { Inspect(mesh, target); }
        }

        void Inspect(Mesh mesh, GameObject target)
        {
            if (!mesh.isReadable) { Report("meshes whose import forbids reading", target); }
            if (BlendShapes.HasFrames(mesh)) { Report("blend shapes of several frames, but for the last frame", target); }
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                bool isTriangles = mesh.GetTopology(i) == MeshTopology.Triangles;
                if (!isTriangles) { Report("lines, points and quads of meshes", target); }
            }
        }

        /// <summary>Adds a kind of content, if it is new.</summary>
        public void Report(string kind, Object target)
        {
            if (firstFound.ContainsKey(kind)) { return; }
            firstFound.Add(kind, target.name);
            Debug.Log("VibeSync does not synchronize " + kind + "; first found at " + target.name);
        }
    }
}
