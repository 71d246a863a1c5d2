using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityFakes
{
    /// <summary>
    /// Serializes trees of GameObjects as Unity does, and creates objects from the bytes. Scene files, copies and play
    /// mode keep only this data.
    /// </summary>
    internal sealed class SceneBytes
    {
        /// <summary>Objects outside of the trees that the objects refer to, in the order of their numbers.</summary>
        internal readonly List<Object> Referred = new List<Object>();
        readonly Dictionary<Object, int> numbers = new Dictionary<Object, int>();

        /// <summary>The GameObjects of the trees, by their numbers; a reference to one is its number below -1.</summary>
        readonly Dictionary<Object, int> inside = new Dictionary<Object, int>();

        readonly bool isFile;

        /// <param name="isFile">Whether references to objects of other scenes are lost.</param>
        internal SceneBytes(bool isFile = false)
        {
            this.isFile = isFile;
        }

        internal byte[] Write(IEnumerable<GameObject> roots)
        {
            GameObject[] all = roots.ToArray();
            foreach (GameObject root in all) { Number(root); }
            using (MemoryStream stream = new MemoryStream())
            {
                BinaryWriter writer = new BinaryWriter(stream);
                writer.Write(all.Length);
                foreach (GameObject root in all) { Write(writer, root, false); }
                return stream.ToArray();
            }
        }

        /// <summary>
        /// Creates the objects in the active scene, below <paramref name="parent"/> if it is not null.
        /// </summary>
        internal static List<GameObject> Read(byte[] bytes, IReadOnlyList<Object> referred, Transform parent)
        {
            BinaryReader reader = new BinaryReader(new MemoryStream(bytes));
            List<GameObject> made = new List<GameObject>();
            List<GameObject> all = new List<GameObject>();
            List<(Component Component, byte[] Fields)> unread = new List<(Component, byte[])>();
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                made.Add(Read(reader, parent, all, unread));
            }
            foreach ((Component component, byte[] fields) in unread)
            {
                Fields.Read(new BinaryReader(new MemoryStream(fields)), component,
                    number => number == -1 ? null : number < -1 ? all[-2 - number] : referred[number]);
            }
            return made;
        }

        /// <summary>Copies the serialized values of a component.</summary>
        internal static void CopyFields(Component from, Component to)
        {
            SceneBytes bytes = new SceneBytes();
            byte[] fields = bytes.WriteFields(from);
            Fields.Read(new BinaryReader(new MemoryStream(fields)), to,
                number => number < 0 ? null : bytes.Referred[number]);
        }

        void Number(GameObject item)
        {
            inside.Add(item, -2 - inside.Count);
            foreach (Transform child in item.transform.Children) { Number(child.gameObject); }
        }

        /// <param name="isConnected">Whether the root of the object's prefab instance is in the tree.</param>
        void Write(BinaryWriter writer, GameObject item, bool isConnected)
        {
            isConnected |= PrefabAssets.IsRoot(item);
            writer.Write(item.name);
            writer.Write((int)item.hideFlags);
            writer.Write(item.activeSelf);
            WriteSource(writer, item, isConnected);
            foreach (float value in GetNumbers(item.transform)) { writer.Write(value); }
            WriteSource(writer, item.transform, isConnected);
            Component[] components = item.Components
                .Where(component => !component.Destroyed && !(component is Transform)
                    && (component.hideFlags & HideFlags.DontSaveInEditor) == 0).ToArray();
            writer.Write(components.Length);
            foreach (Component component in components)
            {
                writer.Write(component.GetType().AssemblyQualifiedName);
                writer.Write((int)component.hideFlags);
                WriteSource(writer, component, isConnected);
                byte[] fields = WriteFields(component);
                writer.Write(fields.Length);
                writer.Write(fields);
            }
            writer.Write(item.transform.Children.Count);
            foreach (Transform child in item.transform.Children) { Write(writer, child.gameObject, isConnected); }
        }

        static void WriteSource(BinaryWriter writer, Object item, bool isConnected)
        {
            Object source = isConnected ? PrefabAssets.FindSource(item) : null;
            writer.Write(source == null ? -1 : source.Id);
        }

        byte[] WriteFields(Component component)
        {
            using (MemoryStream stream = new MemoryStream())
            {
                Fields.Write(new BinaryWriter(stream), component, AddReference);
                return stream.ToArray();
            }
        }

        static GameObject Read(BinaryReader reader, Transform parent, List<GameObject> all,
            List<(Component, byte[])> unread)
        {
            GameObject made = new GameObject(reader.ReadString());
            all.Add(made);
            HideFlags flags = (HideFlags)reader.ReadInt32();
            made.hideFlags = Faults.LosesFlags ? HideFlags.None : flags;
            made.SetActive(reader.ReadBoolean());
            PrefabAssets.SetSource(made, reader.ReadInt32());
            if (parent != null) { made.transform.MoveTo(parent); }
            float[] numbers = new float[10];
            for (int i = 0; i < numbers.Length; i++) { numbers[i] = reader.ReadSingle(); }
            made.transform.localPosition = new Vector3(numbers[0], numbers[1], numbers[2]);
            made.transform.localRotation = new Quaternion(numbers[3], numbers[4], numbers[5], numbers[6]);
            made.transform.localScale = new Vector3(numbers[7], numbers[8], numbers[9]);
            PrefabAssets.SetSource(made.transform, reader.ReadInt32());
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                Component component = made.Attach((Component)Activator.CreateInstance(
                    Type.GetType(reader.ReadString(), true)));
                component.hideFlags = (HideFlags)reader.ReadInt32();
                PrefabAssets.SetSource(component, reader.ReadInt32());
                unread.Add((component, reader.ReadBytes(reader.ReadInt32())));
            }
            for (int count = reader.ReadInt32(); count > 0; count--) { Read(reader, made.transform, all, unread); }
            return made;
        }

        static float[] GetNumbers(Transform transform)
        {
            Vector3 p = transform.localPosition;
            Quaternion r = transform.localRotation;
            Vector3 s = transform.localScale;
            return new[] { p.x, p.y, p.z, r.x, r.y, r.z, r.w, s.x, s.y, s.z };
        }

        int AddReference(Object target)
        {
            // A reference to a destroyed object is saved as none.
            if (target == null) { return -1; }
            // A transform is known by its object, of which it is the only one.
            if (target is Transform transform) { return AddReference(transform.gameObject); }
            if (inside.TryGetValue(target, out int number)) { return number; }
            if (isFile && target is GameObject) { return -1; }
            if (!numbers.TryGetValue(target, out number))
            {
                numbers[target] = number = Referred.Count;
                Referred.Add(target);
            }
            return number;
        }
    }
}
