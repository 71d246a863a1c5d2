using System;
using System.Collections.Generic;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Core.Previews
{
    /// <summary>
    /// Remembers what each object that shows a preview had before, and puts it back. A number that is not as it was shown
    /// is of the user or of Unity's undo, and stays.
    /// </summary>
    public sealed class ShownPreviews
    {
        struct Memory
        {
            public NativeTransform Before;

            /// <summary>As it was read after it was written: the editor may round a rotation.</summary>
            public NativeTransform Shown;
        }

        readonly IPreviewScene scene;
        readonly Dictionary<string, Memory> shown = new Dictionary<string, Memory>();

        /// <summary>The lights, cameras, materials and meshes that show a preview, each with its value.</summary>
        readonly Dictionary<string, Entity> values = new Dictionary<string, Entity>();

        /// <summary>Objects that were deleted with a preview, which an undo may revive with it.</summary>
        readonly Dictionary<string, Memory> gone = new Dictionary<string, Memory>();

        /// <summary>Objects that do not read exactly as before although it was put back.</summary>
        readonly Dictionary<string, Memory> rounded = new Dictionary<string, Memory>();

        public ShownPreviews(IPreviewScene scene)
        {
            this.scene = scene;
        }

        /// <summary>The scene of the previews.</summary>
        public IPreviewScene Scene => scene;

        /// <summary>The entities that show a preview.</summary>
        public IReadOnlyCollection<string> Uuids
        {
            get
            {
                List<string> uuids = new List<string>(shown.Keys);
                uuids.AddRange(values.Keys);
                return uuids;
            }
        }

        public bool Contains(string uuid) => shown.ContainsKey(uuid) || values.ContainsKey(uuid);

        /// <summary>
        /// Returns what the daemon and the user would have instead of the transform that the scene has.
        /// </summary>
        public NativeTransform Settle(string uuid, in NativeTransform present)
        {
            bool isKnown = shown.TryGetValue(uuid, out Memory memory) || gone.TryGetValue(uuid, out memory)
                || rounded.TryGetValue(uuid, out memory);
            return isKnown ? present.Without(memory.Shown, memory.Before) : present;
        }

        /// <summary>Shows an object, a light, a camera, a material or a mesh; returns false if the scene cannot.</summary>
        public bool Show(Entity value)
        {
            TransformComponent place = value.Find<TransformComponent>("transform");
            if (place != null)
            {
                return scene.TryRead(value.Uuid, out NativeTransform present)
                    && Show(value.Uuid, NativeTransform.From(place, present.Frame), present);
            }
            bool isShown = scene.Preview(value);
            if (isShown) { values[value.Uuid] = value; }
            return isShown;
        }

        /// <summary>Continues with showing where that takes more than one tick.</summary>
        public void Advance() => scene.Advance();

        bool Show(string uuid, in NativeTransform place, in NativeTransform present)
        {
            Memory memory = new Memory { Before = Settle(uuid, present) };
            scene.Write(uuid, place);
            scene.TryRead(uuid, out memory.Shown);
            gone.Remove(uuid);
            rounded.Remove(uuid);
            shown[uuid] = memory;
            return true;
        }

        /// <summary>Puts back what an object had before its preview, if it shows one.</summary>
        public void PutBack(string uuid)
        {
            if (values.Remove(uuid)) { scene.EndPreview(uuid); }
            if (!shown.TryGetValue(uuid, out Memory memory)) { return; }
            shown.Remove(uuid);
            if (!TryRestore(uuid, memory)) { gone[uuid] = memory; }
        }

        /// <summary>Puts back what all objects had before.</summary>
        public void PutBackAll()
        {
            RestoreRevived();
            foreach (string uuid in Uuids) { PutBack(uuid); }
        }

        /// <summary>Puts back what objects had before that were deleted with a preview and exist again.</summary>
        public void RestoreRevived()
        {
            if (gone.Count == 0) { return; }
            foreach (KeyValuePair<string, Memory> one in new List<KeyValuePair<string, Memory>>(gone))
            {
                if (TryRestore(one.Key, one.Value)) { gone.Remove(one.Key); }
            }
        }

        /// <summary>Acts while no object shows a preview; afterwards they show them again.</summary>
        public T Without<T>(Func<T> act)
        {
            List<Entity> shownValues = new List<Entity>(values.Values);
            List<KeyValuePair<string, NativeTransform>> places = new List<KeyValuePair<string, NativeTransform>>();
            foreach (KeyValuePair<string, Memory> one in shown)
            {
                places.Add(new KeyValuePair<string, NativeTransform>(one.Key, one.Value.Shown));
            }
            PutBackAll();
            try
            {
                return act();
            }
            finally
            {
                foreach (KeyValuePair<string, NativeTransform> place in places)
                {
                    if (scene.TryRead(place.Key, out NativeTransform now)) { Show(place.Key, place.Value, now); }
                }
                foreach (Entity value in shownValues) { Show(value); }
                Advance();
            }
        }

        bool TryRestore(string uuid, Memory memory)
        {
            if (!scene.TryRead(uuid, out NativeTransform present)) { return false; }
            memory.Before = present.Without(memory.Shown, memory.Before);
            scene.Write(uuid, memory.Before);
            scene.TryRead(uuid, out memory.Shown);
            if (!memory.Shown.IsSame(memory.Before)) { rounded[uuid] = memory; }
            return true;
        }
    }
}
