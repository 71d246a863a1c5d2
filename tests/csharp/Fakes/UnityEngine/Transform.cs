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
            set { Check(); position = value; OnSet(); }
        }

        public Quaternion localRotation
        {
            get { Check(); return rotation; }
            set { Check(); rotation = Faults.RoundsRotations ? Round(value) : value; OnSet(); }
        }

        public Vector3 localScale
        {
            get { Check(); return scale; }
            set { Check(); scale = value; OnSet(); }
        }

        public bool hasChanged { get; set; }

        /// <summary>Neither a step nor a mark of the scene comes of it; Unity documents events for undoable changes only.</summary>
        void OnSet()
        {
            hasChanged = true;
            if (!Faults.PublishesTransforms) { return; }
            UnityEditor.EditorUtility.SetDirty(this);
            UnityEditor.ObjectChangeEvents.Queue(UnityEditor.ObjectChangeKind.ChangeGameObjectOrComponentProperties, Id);
        }

        static Quaternion Round(Quaternion value) =>
            new Quaternion(value.x * 1.0000001f, value.y * 1.0000001f, value.z * 1.0000001f, value.w * 1.0000001f);

        public Transform parent
        {
            get { Check(); return Above; }
            set { SetParent(value); }
        }

        public Transform root => Above == null ? this : Above.root;

        public Vector3 TransformPoint(Vector3 position)
        {
            Check();
            for (Transform above = this; above != null; above = above.Above)
            {
                Vector3 sized = new Vector3(position.x * above.scale.x, position.y * above.scale.y, position.z * above.scale.z);
                Vector3 turned = Turn(above.rotation, sized);
                position = new Vector3(turned.x + above.position.x, turned.y + above.position.y, turned.z
                    + above.position.z);
            }
            return position;
        }

        internal Quaternion WorldRotation => Above == null ? rotation : Multiply(Above.WorldRotation, rotation);

        /// <summary>Turns a vector; the formula is the same in left-handed and right-handed spaces.</summary>
        internal static Vector3 Turn(Quaternion by, Vector3 v)
        {
            Quaternion back = new Quaternion(-by.x, -by.y, -by.z, by.w);
            Quaternion turned = Multiply(Multiply(by, new Quaternion(v.x, v.y, v.z, 0)), back);
            return new Vector3(turned.x, turned.y, turned.z);
        }

        static Quaternion Multiply(Quaternion a, Quaternion b) => new Quaternion(
            a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);

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
            if (Above is null) { RemoveLast(Owner.Home.Roots, Owner); }
            else { RemoveLast(Above.Children, this); }
            Above = null;
        }

        /// <summary>Searches from the end, as most objects that move are new: a large scene takes long otherwise.</summary>
        static void RemoveLast<T>(List<T> all, T one) where T : Object
        {
            int at = all.FindLastIndex(each => ReferenceEquals(each, one));
            if (at >= 0) { all.RemoveAt(at); }
        }

        internal override object Capture() => (position, rotation, scale);

        internal override object Change(object present, object from, object to)
        {
            (Vector3 P, Quaternion R, Vector3 S) now = ((Vector3, Quaternion, Vector3))present;
            (Vector3 P, Quaternion R, Vector3 S) a = ((Vector3, Quaternion, Vector3))from;
            (Vector3 P, Quaternion R, Vector3 S) b = ((Vector3, Quaternion, Vector3))to;
            return (Change(now.P, a.P, b.P), new Quaternion(Change(now.R.x, a.R.x, b.R.x), Change(now.R.y, a.R.y, b.R.y),
                Change(now.R.z, a.R.z, b.R.z), Change(now.R.w, a.R.w, b.R.w)), Change(now.S, a.S, b.S));
        }

        static Vector3 Change(Vector3 now, Vector3 from, Vector3 to) =>
            new Vector3(Change(now.x, from.x, to.x), Change(now.y, from.y, to.y), Change(now.z, from.z, to.z));

        static float Change(float now, float from, float to) => from == to ? now : to;

        internal override void Restore(object state) =>
            (position, rotation, scale) = ((Vector3, Quaternion, Vector3))state;
    }
}
