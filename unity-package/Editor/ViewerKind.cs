using UnityEngine;
using Value = VibeSync.Core.Scene.Component;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes the components of Unity that are entities of one kind: lights or cameras. A GameObject that shows
    /// one is a viewer.
    /// </summary>
    public abstract class ViewerKind
    {
        /// <summary>The kind of entity, which is also the key of its component.</summary>
        public abstract string Kind { get; }

        /// <summary>The units of the values that Unity shows, as a scene remembers them.</summary>
        public virtual string Units => "";

        /// <summary>Whether the editor synchronizes this kind.</summary>
        public virtual bool IsSynchronized => true;

        /// <summary>Returns Unity's component, also one that is not synchronized; null for none.</summary>
        public abstract Component Find(GameObject target);

        /// <summary>Returns whether Unity's component is one that is synchronized.</summary>
        public virtual bool CanRead(Component shown) => IsSynchronized;

        /// <summary>Returns the kind of content for a component that is not synchronized.</summary>
        public abstract string Describe(Component other);

        /// <summary>
        /// Converts to canonical form. Returns <paramref name="kept"/> itself if that is what Unity shows.
        /// </summary>
        /// <param name="units">The units in which Unity shows it.</param>
        public abstract Value Read(Component shown, Value kept, string units);

        /// <summary>Sets what differs in Unity.</summary>
        /// <param name="label">The name of the undo step; null for a change without one.</param>
        public abstract void Write(Component shown, Value value, string label);

        /// <summary>The fields of this kind that show previews.</summary>
        public abstract ShownFields Shown { get; }

        /// <summary>
        /// Sets what differs in Unity for a preview: without an undo step, a mark or an override. A light of another type
        /// stays as it is.
        /// </summary>
        public abstract void Preview(Component shown, Value value);

        /// <summary>Adds Unity's component to an object, with an undo step.</summary>
        public abstract Component Add(GameObject target);

        /// <summary>Reads the JSON of the kept value.</summary>
        public abstract Value Parse(string text);
    }
}
