using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// One object that must be below an object that shows an instance: a collection, moved by its offset, or an object of the
    /// scene. The objects above a member are repeated too, so that its place follows from the same steps, shear included.
    /// </summary>
    public sealed class InstancePlan
    {
        /// <summary>The most instances inside each other. The daemon refuses circles.</summary>
        const int MaxDepth = 16;

        InstancePlan(string source, string name)
        {
            Source = source;
            Name = name;
        }

        /// <summary>The uuid of the collection or of the object.</summary>
        public string Source { get; }

        public string Name { get; }

        /// <summary>The object of the scene; null for a collection.</summary>
        public GameObject Original { get; private set; }

        /// <summary>The place of the objects of a collection, relative to the object that shows it.</summary>
        public Vector3 Offset { get; private set; }

        /// <summary>
        /// Whether the mesh or light of the object is shown. As in Blender, that is the collections' alone: an object that is
        /// hidden itself is shown by instances.
        /// </summary>
        public bool IsShown { get; private set; }

        public List<InstancePlan> Children { get; } = new List<InstancePlan>();

        /// <summary>Returns the plan of a collection.</summary>
        /// <param name="left">The number of objects that it may still have; negative if it has been cut short.</param>
        public static InstancePlan Make(SceneIndex index, string collection, ref int left) =>
            Make(index, collection, new HashSet<string> { collection }, ref left);

        /// <summary>Returns whether an object can show an instance: it has no data, and its prefab would get no objects.</summary>
        public static bool CanShow(SceneIndex index, GameObject target) => !PrefabOverrides.IsPart(target)
            && index.FindData(target) == null && !index.Viewers.IsViewer(target);

        static InstancePlan Make(SceneIndex index, string collection, HashSet<string> around, ref int left)
        {
            Entity entity = index.Members.Collections.Read(collection);
            InstancePlan plan = new InstancePlan(collection, entity?.Find<NameComponent>("name")?.Name ?? "");
            if (--left < 0 || entity == null) { return plan; }
            double[] offset = entity.Find<CollectionComponent>(CollectionComponent.Name).Offset;
            float[] moved = Coordinates.Vector((float)-offset[0], (float)-offset[1], (float)-offset[2]);
            plan.Offset = new Vector3(moved[0], moved[1], moved[2]);
            Dictionary<ObjectKey, InstancePlan> made = new Dictionary<ObjectKey, InstancePlan>();
            foreach (KeyValuePair<ObjectKey, bool> member in index.Members.FindAll(collection))
            {
                GameObject original = member.Key.Resolve() as GameObject;
                if (original == null || index.FindUuid(member.Key) == null) { continue; }
                InstancePlan own = plan.Add(index, original.transform, made, ref left);
                if (own == null) { return plan; }
                own.IsShown = member.Value;
                string nested = index.Members.FindShown(member.Key);
                bool isNested = own.IsShown && nested != null && around.Count < MaxDepth && CanShow(index, original)
                    && around.Add(nested);
                if (!isNested) { continue; }
                own.Children.Add(Make(index, nested, around, ref left));
                around.Remove(nested);
            }
            return plan;
        }

        /// <summary>Adds an object and those above it; returns null if there would be too many.</summary>
        InstancePlan Add(SceneIndex index, Transform original, Dictionary<ObjectKey, InstancePlan> made, ref int left)
        {
            ObjectKey key = ObjectKey.Of(original.gameObject);
            if (made.TryGetValue(key, out InstancePlan known)) { return known; }
            InstancePlan above = original.parent == null ? this : Add(index, original.parent, made, ref left);
            if (above == null || --left < 0) { return null; }
            InstancePlan plan = new InstancePlan(index.FindUuid(key) ?? "", original.gameObject.name) { Original = original.gameObject };
            above.Children.Add(plan);
            return made[key] = plan;
        }
    }
}
