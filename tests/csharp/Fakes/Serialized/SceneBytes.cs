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
        /// <summary>Meshes and materials that the objects refer to, in the order of their numbers.</summary>
        internal readonly List<Object> Referred = new List<Object>();
        readonly Dictionary<Object, int> numbers = new Dictionary<Object, int>();

        internal byte[] Write(IEnumerable<GameObject> roots)
        {
            GameObject[] all = roots.ToArray();
            using (MemoryStream stream = new MemoryStream())
            {
                BinaryWriter writer = new BinaryWriter(stream);
                writer.Write(all.Length);
                foreach (GameObject root in all) { Write(writer, root); }
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
            for (int count = reader.ReadInt32(); count > 0; count--) { made.Add(Read(reader, referred, parent)); }
            return made;
        }

        void Write(BinaryWriter writer, GameObject item)
        {
            writer.Write(item.name);
            writer.Write((int)item.hideFlags);
            writer.Write(item.activeSelf);
            writer.Write((int)UnityEditor.PrefabUtility.PartOf(item));
            foreach (float value in GetNumbers(item.transform)) { writer.Write(value); }
            Component[] components = item.Components.Where(component => !(component is Transform)).ToArray();
            writer.Write(components.Length);
            foreach (Component component in components)
            {
                writer.Write(component.GetType().AssemblyQualifiedName);
                Fields.Write(writer, component, AddReference);
            }
            writer.Write(item.transform.Children.Count);
            foreach (Transform child in item.transform.Children) { Write(writer, child.gameObject); }
        }

        static GameObject Read(BinaryReader reader, IReadOnlyList<Object> referred, Transform parent)
        {
            GameObject made = new GameObject(reader.ReadString());
            HideFlags flags = (HideFlags)reader.ReadInt32();
            made.hideFlags = Faults.LosesFlags ? HideFlags.None : flags;
            made.SetActive(reader.ReadBoolean());
            UnityEditor.PrefabUtility.SetPart(made, (UnityEditor.PrefabPart)reader.ReadInt32());
            if (parent != null) { made.transform.MoveTo(parent); }
            float[] numbers = new float[10];
            for (int i = 0; i < numbers.Length; i++) { numbers[i] = reader.ReadSingle(); }
            made.transform.localPosition = new Vector3(numbers[0], numbers[1], numbers[2]);
            made.transform.localRotation = new Quaternion(numbers[3], numbers[4], numbers[5], numbers[6]);
            made.transform.localScale = new Vector3(numbers[7], numbers[8], numbers[9]);
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                Component component = made.Attach((Component)Activator.CreateInstance(
                    Type.GetType(reader.ReadString(), true)));
                Fields.Read(reader, component, number => number < 0 ? null : referred[number]);
            }
            for (int count = reader.ReadInt32(); count > 0; count--) { Read(reader, referred, made.transform); }
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
            if (!numbers.TryGetValue(target, out int number))
            {
                numbers[target] = number = Referred.Count;
                Referred.Add(target);
            }
            return number;
        }
    }
}
