using System;
using System.Collections.Generic;
using Component = UnityEngine.Component;

namespace VibeSync.Editor
{
    /// <summary>
    /// Remembers the fields of Unity's components that show a preview, and puts them back. A field that is not as it was
    /// shown is of the user or of Unity's undo, and stays.
    /// </summary>
    public sealed class ShownFields
    {
        /// <summary>One field of a component.</summary>
        public readonly struct Field
        {
            internal readonly Func<Component, object> Get;
            internal readonly Action<Component, object> Set;

            public Field(Func<Component, object> get, Action<Component, object> set)
            {
                Get = get;
                Set = set;
            }
        }

        struct Memory
        {
            public object[] Before;
            public object[] Shown;
            public bool IsEnded;
        }

        readonly Field[] fields;
        readonly Dictionary<ObjectKey, Memory> memories = new Dictionary<ObjectKey, Memory>();

        /// <param name="fields">What a preview may change, in the order in which Unity takes it.</param>
        public ShownFields(params Field[] fields)
        {
            this.fields = fields;
        }

        /// <summary>Writes a preview, and remembers what was there before the first one.</summary>
        public void Show(Component target, Action write)
        {
            object[] present = Read(target);
            Memory memory = new Memory { Before = Settle(target, present) };
            write();
            memory.Shown = Read(target);
            memories[ObjectKey.Of(target)] = memory;
        }

        /// <summary>Puts back what a component had before its preview, if it shows one.</summary>
        public void PutBack(Component target)
        {
            if (!memories.ContainsKey(ObjectKey.Of(target))) { return; }
            Write(target, Settle(target, Read(target)));
            memories.Remove(ObjectKey.Of(target));
        }

        /// <summary>Puts back what revived components had before, and forgets whose preview ended while they were gone.</summary>
        public void PutBackRevived()
        {
            foreach (KeyValuePair<ObjectKey, Memory> one in new List<KeyValuePair<ObjectKey, Memory>>(memories))
            {
                Component target = one.Key.Resolve() as Component;
                Memory memory = one.Value;
                memory.IsEnded |= target == null;
                memories[one.Key] = memory;
                if (target != null && memory.IsEnded) { PutBack(target); }
            }
        }

        /// <summary>Reads a component as it is without its preview.</summary>
        public T Without<T>(Component target, Func<T> read)
        {
            if (!memories.ContainsKey(ObjectKey.Of(target))) { return read(); }
            object[] present = Read(target);
            Write(target, Settle(target, present));
            try
            {
                return read();
            }
            finally
            {
                Write(target, present);
            }
        }

        object[] Settle(Component target, object[] present)
        {
            if (!memories.TryGetValue(ObjectKey.Of(target), out Memory memory)) { return present; }
            object[] settled = (object[])present.Clone();
            for (int i = 0; i < settled.Length; i++)
            {
                if (present[i].Equals(memory.Shown[i])) { settled[i] = memory.Before[i]; }
            }
            return settled;
        }

        object[] Read(Component target) => Array.ConvertAll(fields, field => field.Get(target));

        void Write(Component target, object[] values)
        {
            for (int i = 0; i < fields.Length; i++)
            {
                if (!fields[i].Get(target).Equals(values[i])) { fields[i].Set(target, values[i]); }
            }
        }
    }
}
