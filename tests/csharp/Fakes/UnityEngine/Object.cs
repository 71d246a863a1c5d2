using System;
using UnityFakes;

namespace UnityEngine
{
    /// <summary>A destroyed object equals null, as in Unity, and using it throws.</summary>
    public class Object
    {
        internal readonly int Id = Engine.NextId();
        internal bool Destroyed;
        string objectName = "";

        public Object()
        {
            Engine.LoadedObjects.Add(Id, this);
        }

        public string name
        {
            get { Check(); return objectName; }
            set { Check(); objectName = value; }
        }

        public HideFlags hideFlags { get; set; }

#if UNITY_6000_3_OR_NEWER
        public EntityId GetEntityId() => new EntityId(Id);
#endif
#if !UNITY_6000_5_OR_NEWER
#if UNITY_6000_4_OR_NEWER
        [Obsolete("GetInstanceID is deprecated")]
#endif
        public int GetInstanceID() => Id;
#endif

        public static bool operator ==(Object x, Object y) => Same(x, y);

        public static bool operator !=(Object x, Object y) => !Same(x, y);

        public static implicit operator bool(Object exists) => !Same(exists, null);

        public override bool Equals(object other) => Same(this, other as Object);

        public override int GetHashCode() => Id;

        public static void DestroyImmediate(Object obj, bool allowDestroyingAssets)
        {
            if (!allowDestroyingAssets && UnityEditor.AssetDatabase.Contains(obj)) { throw new ArgumentException("an asset"); }
            DestroyImmediate(obj);
        }

        public static void DestroyImmediate(Object obj)
        {
            if (obj is GameObject item) { UnityEditor.PrefabUtility.RefuseDestroy(item); }
            obj.Destroy();
        }

        /// <summary>Returns the state that undo restores.</summary>
        internal virtual object Capture() => objectName;

        internal virtual void Restore(object state) => objectName = (string)state;

        /// <summary>
        /// Returns a state in which only what differs between two others is changed from the one to the other, as a recorded
        /// step changes it.
        /// </summary>
        internal virtual object Change(object present, object from, object to) => to;

        /// <summary>Returns whether two captured states are equal.</summary>
        internal virtual bool HasSameState(object a, object b) => a.Equals(b);

        internal virtual void Destroy()
        {
            Destroyed = true;
            Engine.LoadedObjects.Remove(Id);
        }

        internal virtual void Revive()
        {
            Destroyed = false;
            Engine.LoadedObjects[Id] = this;
        }

        internal void Check()
        {
            if (Destroyed)
            {
                throw new MissingReferenceException("the object of type " + GetType().Name + " was destroyed");
            }
        }

        static bool Same(Object x, Object y)
        {
            bool noX = x is null || x.Destroyed;
            bool noY = y is null || y.Destroyed;
            return noX || noY ? noX && noY : ReferenceEquals(x, y);
        }
    }

    public class MissingReferenceException : SystemException
    {
        public MissingReferenceException(string message) : base(message)
        {
        }
    }

    [Flags]
    public enum HideFlags
    {
        None = 0,
        HideInHierarchy = 1,
        HideInInspector = 2,
        DontSaveInEditor = 4,
        NotEditable = 8,
        DontSaveInBuild = 16,
        DontUnloadUnusedAsset = 32,
        DontSave = 52,
        HideAndDontSave = 61,
    }

#if UNITY_6000_3_OR_NEWER
    public struct EntityId : IEquatable<EntityId>
    {
        internal readonly int Number;

        internal EntityId(int number)
        {
            Number = number;
        }

#if !UNITY_6000_4_OR_NEWER
        public static implicit operator EntityId(int number) => new EntityId(number);
#endif

        public bool Equals(EntityId other) => Number == other.Number;

        public override bool Equals(object obj) => obj is EntityId other && Equals(other);

        public override int GetHashCode() => Number;
    }
#endif
}
