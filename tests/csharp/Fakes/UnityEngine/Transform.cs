using System.Collections.Generic;
using UnityFakes;

namespace UnityEngine
{
    public class Transform : Component
    {
        internal readonly List<Transform> Children = new List<Transform>();
        internal Transform Above;
        Vector3 position;
        Quaternion rotation = new Quaternion(0, 0, 0, 1);
        Vector3 scale = new Vector3(1, 1, 1);

        internal Transform()
        {
        }

        public Vector3 localPosition
        {
            get { Check(); return position; }
            set { Check(); position = value; hasChanged = true; }
        }

        public Quaternion localRotation
        {
            get { Check(); return rotation; }
            set { Check(); rotation = value; hasChanged = true; }
        }

        public Vector3 localScale
        {
            get { Check(); return scale; }
            set { Check(); scale = value; hasChanged = true; }
        }

        public bool hasChanged { get; set; }

        public Transform parent
        {
            get { Check(); return Above; }
            set { SetParent(value); }
        }

        public Transform root => Above == null ? this : Above.root;

        public int childCount => Children.Count;

        public Transform GetChild(int index) => Children[index];

        public void SetParent(Transform p) => SetParent(p, true);

        /// <summary>
        /// Keeps the world position by translation only, which shows whether callers restore the local transform.
        /// </summary>
        public void SetParent(Transform parent, bool worldPositionStays)
        {
            Check();
            UnityEditor.PrefabUtility.RefuseMove(Owner);
            for (Transform above = parent; above != null; above = above.Above)
            {
                if (above == this) { return; }
            }
            if (worldPositionStays)
            {
                Vector3 from = Offset(Above);
                Vector3 to = Offset(parent);
                position = new Vector3(position.x + from.x - to.x, position.y + from.y - to.y, position.z
                    + from.z - to.z);
            }
            MoveTo(parent);
        }

        public void SetAsFirstSibling()
        {
            List<Transform> siblings = Above == null ? null : Above.Children;
            if (siblings == null) { Owner.Home.Roots.Remove(Owner); Owner.Home.Roots.Insert(0, Owner); }
            else { siblings.Remove(this); siblings.Insert(0, this); }
            Engine.HierarchyDirty = true;
        }

        /// <summary>Moves without checks, as undo and loading do.</summary>
        internal void MoveTo(Transform parent)
        {
            SceneManagement.SceneData home = root.Owner.Home;
            Detach();
            Above = parent;
            if (parent == null) { (Owner.Home = home).Roots.Add(Owner); }
            else { parent.Children.Add(this); }
            Engine.HierarchyDirty = true;
        }

        static Vector3 Offset(Transform transform)
        {
            Vector3 sum = new Vector3(0, 0, 0);
            for (; transform != null; transform = transform.Above)
            {
                sum = new Vector3(sum.x + transform.position.x, sum.y + transform.position.y, sum.z
                    + transform.position.z);
            }
            return sum;
        }

        internal void Detach()
        {
            if (Above is null) { Owner.Home.Roots.Remove(Owner); }
            else { Above.Children.Remove(this); }
            Above = null;
        }

        internal override object Capture() => (position, rotation, scale);

        internal override void Restore(object state) =>
            (position, rotation, scale) = ((Vector3, Quaternion, Vector3))state;
    }
}
