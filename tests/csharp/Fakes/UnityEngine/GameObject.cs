using System.Reflection;
using System.Linq;
using System;
using System.Collections.Generic;
using UnityEngine.SceneManagement;
using UnityFakes;

namespace UnityEngine
{
    public sealed class GameObject : Object
    {
        internal readonly List<Component> Components = new List<Component>();
        internal SceneData Home;
        bool active = true;

        public GameObject() : this("New Game Object")
        {
        }

        public GameObject(string name)
        {
            this.name = name;
            transform = (Transform)Attach(new Transform());
            Home = Engine.ActiveScene;
            Home.Roots.Add(this);
            Home.IsDirty = true;
            Engine.HierarchyDirty = true;
        }

        public Transform transform { get; }

        public bool activeSelf
        {
            get { Check(); return active; }
        }

        public bool activeInHierarchy => activeSelf && (transform.Above == null || transform.Above.gameObject.activeInHierarchy);

        public string tag { get; set; } = "Untagged";

        public Scene scene => new Scene(transform.root.gameObject.Home);

        public static GameObject CreatePrimitive(PrimitiveType type)
        {
            if (type != PrimitiveType.Cube) { throw new NotSupportedException("only cubes"); }
            GameObject cube = new GameObject("Cube");
            cube.AddComponent<MeshFilter>().sharedMesh = Engine.GetBuiltInCube();
            cube.AddComponent<MeshRenderer>();
            return cube;
        }

        public void SetActive(bool value)
        {
            Check();
            active = value;
        }

        public T GetComponent<T>()
        {
            Check();
            foreach (Component component in Components)
            {
                if (!component.Destroyed && component is T found) { return found; }
            }
            return default;
        }

        public T[] GetComponents<T>()
        {
            List<T> found = new List<T>();
            GetComponents(found);
            return found.ToArray();
        }

        public void GetComponents<T>(List<T> results)
        {
            Check();
            results.Clear();
            foreach (Component component in Components)
            {
                if (!component.Destroyed && component is T found) { results.Add(found); }
            }
        }

        public T[] GetComponentsInChildren<T>(bool includeInactive)
        {
            Check();
            List<T> found = new List<T>();
            Collect(found, includeInactive);
            return found.ToArray();
        }

        void Collect<T>(List<T> found, bool includeInactive)
        {
            if (!active && !includeInactive) { return; }
            foreach (Component component in Components)
            {
                if (!component.Destroyed && component is T match) { found.Add(match); }
            }
            foreach (Transform child in transform.Children) { child.gameObject.Collect(found, includeInactive); }
        }

        public T AddComponent<T>() where T : Component
        {
            Check();
            // One renderer an object.
            if (typeof(Renderer).IsAssignableFrom(typeof(T)) && GetComponent<Renderer>() != null) { return null; }
            return (T)Attach((Component)Activator.CreateInstance(typeof(T)));
        }

        internal Component Attach(Component component)
        {
            component.Owner = this;
            Components.Add(component);
            return component;
        }

        internal override object Capture() => (base.Capture(), active);

        internal override void Restore(object state)
        {
            (object named, bool wasActive) = ((object, bool))state;
            base.Restore(named);
            active = wasActive;
        }

        internal override void Destroy()
        {
            foreach (Transform child in transform.Children.ToArray()) { child.gameObject.Destroy(); }
            transform.Detach();
            foreach (Component component in Components) { component.Destroy(); }
            base.Destroy();
            Engine.HierarchyDirty = true;
        }
    }

    public enum PrimitiveType
    {
        Sphere,
        Capsule,
        Cylinder,
        Cube,
        Plane,
        Quad,
    }

    public class Component : Object
    {
        internal GameObject Owner;

        public GameObject gameObject
        {
            get { Check(); return Owner; }
        }

        public Transform transform => gameObject.transform;

        public T GetComponent<T>() => gameObject.GetComponent<T>();
    }

    public class Behaviour : Component
    {
        public bool enabled { get; set; } = true;
    }

    public class MonoBehaviour : Behaviour
    {
        /// <summary>The flags that Unity would serialize: what undo of the package's components is about.</summary>
        IEnumerable<FieldInfo> Flags => GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
            .Where(field => field.FieldType == typeof(bool) && field.IsDefined(typeof(SerializeField), false));

        internal override object Capture() =>
            (base.Capture(), string.Join(",", Flags.Select(field => field.GetValue(this))));

        internal override void Restore(object state)
        {
            (object named, string flags) = ((object, string))state;
            base.Restore(named);
            string[] values = flags.Split(',');
            foreach ((FieldInfo field, int i) in Flags.Select((field, i) => (field, i)))
            {
                field.SetValue(this, bool.Parse(values[i]));
            }
        }
    }
}
