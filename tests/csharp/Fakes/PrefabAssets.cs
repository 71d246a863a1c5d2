using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using UnityEngine;
using UnityEngine.SceneManagement;
using Object = UnityEngine.Object;

namespace UnityFakes
{
    /// <summary>
    /// The prefab assets, and for each object and component of an instance the one of the asset that it comes from.
    /// </summary>
    internal static class PrefabAssets
    {
        static readonly Dictionary<int, Object> Sources = new Dictionary<int, Object>();
        static readonly Dictionary<GameObject, string> Paths = new Dictionary<GameObject, string>();

        internal static Object FindSource(Object item)
        {
            return Sources.TryGetValue(item.Id, out Object source) && source != null ? source : null;
        }

        /// <summary>Returns the path of the prefab of an instance; empty for any other object.</summary>
        internal static string FindPath(Object part)
        {
            GameObject root = PrefabUtility.GetOutermostPrefabInstanceRoot(part);
            return root == null ? "" : Paths[(GameObject)FindSource(root)];
        }

        /// <summary>Returns the prefab asset with this path; null if there is none.</summary>
        internal static GameObject Load(string path) => Paths.FirstOrDefault(each => each.Value == path).Key;

        /// <summary>Returns the path of the prefab asset that has an object; null for any other object.</summary>
        internal static string FindFile(Object item) => item is GameObject part
            && Paths.TryGetValue(part.transform.root.gameObject, out string path) ? path : null;

        internal static void SetSource(Object item, int sourceId)
        {
            if (Engine.LoadedObjects.TryGetValue(sourceId, out Object source)) { Sources[item.Id] = source; }
        }

        internal static bool IsRoot(GameObject item)
        {
            GameObject source = (GameObject)FindSource(item);
            return source != null && source.transform.Above is null;
        }

        internal static bool IsAdded(Component component)
        {
            return !component.Destroyed && FindSource(component) == null
                && (component.hideFlags & HideFlags.DontSaveInEditor) == 0;
        }

        /// <summary>Returns the objects of an instance that the asset has too.</summary>
        internal static IEnumerable<GameObject> GetParts(GameObject item)
        {
            if (FindSource(item) == null) { return new GameObject[0]; }
            return new[] { item }.Concat(GetChildren(item).SelectMany(GetParts));
        }

        /// <summary>Returns the children that an instance's part lacks.</summary>
        internal static List<GameObject> GetRemoved(GameObject part)
        {
            List<Object> present = GetChildren(part).Select(FindSource).ToList();
            return GetChildren((GameObject)FindSource(part)).Where(child => !present.Contains(child)).ToList();
        }

        /// <summary>Makes an asset of an object, and the object its first instance. Components go with it.</summary>
        internal static GameObject Create(GameObject root, string path)
        {
            GameObject replaced = Load(path);
            if (!(replaced is null)) { Paths.Remove(replaced); }
            GameObject asset = Copy(root, null);
            Paths[asset] = path;
            Connect(root, asset, new HashSet<Object>());
            Publish(ObjectChangeKind.ChangeGameObjectStructureHierarchy, root);
            return asset;
        }

        internal static GameObject Instantiate(GameObject asset)
        {
            SceneBytes bytes = new SceneBytes();
            byte[] tree = bytes.Write(new[] { asset });
            GameObject made = SceneBytes.Read(tree, bytes.Referred, null)[0];
            Connect(made, asset, new HashSet<Object>());
            Publish(ObjectChangeKind.CreateGameObjectHierarchy, made);
            return made;
        }

        /// <summary>Makes the asset equal to the instance; other instances follow where they have no override.</summary>
        internal static void Apply(GameObject root)
        {
            GameObject asset = (GameObject)FindSource(root);
            HashSet<Object> added = new HashSet<Object>();
            ApplyTo(asset, root, added);
            IEnumerable<SceneData> scenes = Engine.OtherScenes.Append(Engine.ActiveScene);
            foreach (GameObject other in scenes.SelectMany(scene => scene.Roots).SelectMany(GetTree).ToList())
            {
                if (other == root || !ReferenceEquals(FindSource(other), asset)) { continue; }
                Follow(other, asset, added);
                Publish(ObjectChangeKind.UpdatePrefabInstances, other);
            }
        }

        static void ApplyTo(GameObject asset, GameObject part, HashSet<Object> added)
        {
            foreach (GameObject removed in GetRemoved(part)) { removed.Destroy(); }
            foreach (Component component in part.Components.Where(item => !(item is Transform)).ToList())
            {
                if (component.Destroyed) { continue; }
                Component source = (Component)FindSource(component);
                if (source == null && !IsAdded(component)) { continue; }
                if (source == null) { Sources[component.Id] = source = Attach(asset, component.GetType(), added); }
                CopyFields(component, source);
            }
            foreach (GameObject child in GetChildren(part))
            {
                GameObject source = (GameObject)FindSource(child);
                if (source != null) { ApplyTo(source, child, added); }
                else { Connect(child, Copy(child, asset.transform), added); }
            }
        }

        /// <summary>Adds what is new in the asset, removes what it lacks, and takes values without an override.</summary>
        static void Follow(GameObject part, GameObject asset, HashSet<Object> added)
        {
            foreach (GameObject child in GetChildren(part))
            {
                GameObject source = (GameObject)FindSource(child);
                if (source != null) { Follow(child, source, added); }
                else if (Sources.ContainsKey(child.Id)) { child.Destroy(); }
            }
            foreach (Component source in asset.Components.Where(item => !(item is Transform)))
            {
                Component own = part.Components.Find(item => ReferenceEquals(FindSource(item), source));
                if (own == null && added.Contains(source))
                {
                    own = Attach(part, source.GetType(), new HashSet<Object>());
                    Sources[own.Id] = source;
                }
                if (own != null && !PrefabUtility.Recorded.Contains(own.Id)) { CopyFields(source, own); }
            }
            foreach (GameObject child in GetChildren(asset).Where(added.Contains))
            {
                Connect(Copy(child, part.transform), child, new HashSet<Object>());
            }
        }

        /// <summary>Removes every override.</summary>
        internal static void Revert(GameObject root)
        {
            foreach (GameObject part in GetParts(root).ToList())
            {
                foreach (Component added in part.Components.Where(IsAdded).ToList()) { added.Destroy(); }
                foreach (GameObject child in GetChildren(part).Where(child => FindSource(child) == null))
                {
                    child.Destroy();
                }
                foreach (GameObject removed in GetRemoved(part))
                {
                    Connect(Copy(removed, part.transform), removed, new HashSet<Object>());
                }
                foreach (Component own in part.Components.Where(item => !(item is Transform) && !item.Destroyed))
                {
                    Component source = (Component)FindSource(own);
                    if (source != null) { CopyFields(source, own); }
                    PrefabUtility.Recorded.Remove(own.Id);
                }
            }
            Publish(ObjectChangeKind.ChangeGameObjectStructureHierarchy, root);
        }

        internal static void Unpack(GameObject root)
        {
            foreach (GameObject part in GetParts(root).ToList())
            {
                Sources.Remove(part.Id);
                foreach (Component component in part.Components) { Sources.Remove(component.Id); }
            }
            Publish(ObjectChangeKind.ChangeGameObjectStructureHierarchy, root);
        }

        internal static void Reset()
        {
            Sources.Clear();
            Paths.Clear();
            PrefabUtility.Recorded.Clear();
        }

        static void Publish(ObjectChangeKind kind, GameObject about)
        {
            ObjectChangeEvents.Queue(kind, about.Id);
            Engine.HierarchyDirty = true;
        }

        static Component Attach(GameObject to, Type type, HashSet<Object> added)
        {
            Component made = to.Attach((Component)Activator.CreateInstance(type));
            added.Add(made);
            return made;
        }

        static void CopyFields(Component from, Component to)
        {
            if (from is Renderer || from is MeshFilter) { return; }
            SceneBytes.CopyFields(from, to);
        }

        /// <summary>Copies a tree below an object; into an asset of its own without one.</summary>
        static GameObject Copy(GameObject item, Transform parent)
        {
            SceneBytes bytes = new SceneBytes();
            byte[] tree = bytes.Write(new[] { item });
            SceneData scene = Engine.ActiveScene;
            Engine.ActiveScene = parent == null ? new SceneData { IsAsset = true } : parent.root.gameObject.Home;
            try { return SceneBytes.Read(tree, bytes.Referred, parent)[0]; }
            finally { Engine.ActiveScene = scene; }
        }

        static void Connect(GameObject instance, GameObject asset, HashSet<Object> added)
        {
            added.Add(asset);
            Sources[instance.Id] = asset;
            Component[] own = instance.Components.Where(item => !item.Destroyed).ToArray();
            Component[] sources = asset.Components.Where(item => !item.Destroyed).ToArray();
            for (int i = 0; i < own.Length; i++) { Sources[own[i].Id] = sources[i]; }
            List<GameObject> children = GetChildren(instance);
            List<GameObject> assetChildren = GetChildren(asset);
            for (int i = 0; i < children.Count; i++) { Connect(children[i], assetChildren[i], added); }
        }

        static List<GameObject> GetChildren(GameObject item) =>
            item.transform.Children.Select(child => child.Owner).ToList();

        static IEnumerable<GameObject> GetTree(GameObject item) =>
            new[] { item }.Concat(GetChildren(item).SelectMany(GetTree));
    }
}
