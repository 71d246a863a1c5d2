using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>
    /// Shows previews of materials in the renderers that show the materials, by property blocks. Unity saves no block and has no
    /// undo for one, and neither a material nor a scene is changed. A slot to which a script gave a block shows no preview.
    /// </summary>
    public sealed class MaterialPreviews
    {
        /// <summary>Objects that one tick looks at.</summary>
        public const int ObjectsPerTick = 500;

        /// <summary>Slots that show a preview at a time.</summary>
        public const int MaxSlots = 4096;

        readonly Func<string, Material> find;
        readonly Func<Entity, MaterialPropertyBlock> make;
        readonly MaterialUsers users;
        readonly Dictionary<string, Preview> previews = new Dictionary<string, Preview>();
        readonly Queue<string> waiting = new Queue<string>();
        readonly List<Material> buffer = new List<Material>();

        /// <summary>The block that was read last.</summary>
        readonly MaterialPropertyBlock read = new MaterialPropertyBlock();
        int slotCount;

        sealed class Preview
        {
            public Material Material;
            public MaterialPropertyBlock Block;
            public List<ObjectKey> Users;
            public int Version;

            /// <summary>The next object, and how many do not show the newest value yet.</summary>
            public int Next, Left;
            public readonly HashSet<(ObjectKey, int)> Slots = new HashSet<(ObjectKey, int)>();
        }

        /// <param name="find">Returns the material of a uuid; null without one.</param>
        /// <param name="make">Returns what renderers are to show; null for a material that shows no preview.</param>
        public MaterialPreviews(Func<string, Material> find, Func<Entity, MaterialPropertyBlock> make, MaterialUsers users)
        {
            this.find = find;
            this.make = make;
            this.users = users;
        }

        /// <summary>Has a value shown by <see cref="Advance"/>. Returns false for a material that shows no preview.</summary>
        public bool Show(Entity value)
        {
            MaterialPropertyBlock block = make(value);
            if (block == null) { return false; }
            if (!previews.TryGetValue(value.Uuid, out Preview preview))
            {
                previews[value.Uuid] = preview = new Preview { Material = find(value.Uuid) };
            }
            preview.Block = block;
            if (preview.Users == null || preview.Version != users.Version)
            {
                (preview.Users, preview.Version) = (users.Find(preview.Material), users.Version);
            }
            if (preview.Left == 0) { waiting.Enqueue(value.Uuid); }
            // Each object has its turn, also if values come faster than all objects show them.
            preview.Left = preview.Users.Count;
            return true;
        }

        /// <summary>Shows the newest values in some more objects. Returns false if all show them.</summary>
        public bool Advance()
        {
            if (waiting.Count == 0) { return false; }
            int share = Math.Max(1, ObjectsPerTick / waiting.Count);
            for (int budget = ObjectsPerTick; budget > 0 && waiting.Count > 0;)
            {
                string uuid = waiting.Dequeue();
                if (!previews.TryGetValue(uuid, out Preview preview)) { continue; }
                for (int i = Math.Min(share, budget); i > 0 && preview.Left > 0; i--, budget--, preview.Left--)
                {
                    preview.Next %= preview.Users.Count;
                    ShowIn(preview, preview.Users[preview.Next++]);
                }
                if (preview.Left > 0) { waiting.Enqueue(uuid); }
            }
            return true;
        }

        /// <summary>Ends the preview of a material, if it has one.</summary>
        public void PutBack(string uuid)
        {
            if (!previews.TryGetValue(uuid, out Preview preview)) { return; }
            previews.Remove(uuid);
            slotCount -= preview.Slots.Count;
            foreach ((ObjectKey user, int slot) in preview.Slots) { Clear(FindRenderer(user), slot); }
        }

        void ShowIn(Preview preview, ObjectKey user)
        {
            Renderer renderer = FindRenderer(user);
            if (renderer == null || preview.Material == null) { return; }
            renderer.GetSharedMaterials(buffer);
            for (int slot = 0; slot < buffer.Count; slot++)
            {
                bool isKnown = preview.Slots.Contains((user, slot));
                if (buffer[slot] != preview.Material)
                {
                    if (isKnown) { Release(preview, renderer, user, slot); }
                    continue;
                }
                if (!IsFree(renderer, slot) || (!isKnown && slotCount >= MaxSlots)) { continue; }
                slotCount += preview.Slots.Add((user, slot)) ? 1 : 0;
                renderer.SetPropertyBlock(preview.Block, slot);
            }
        }

        /// <summary>Ends the preview in a slot that has another material by now.</summary>
        void Release(Preview preview, Renderer renderer, ObjectKey user, int slot)
        {
            preview.Slots.Remove((user, slot));
            slotCount--;
            Clear(renderer, slot);
        }

        static Renderer FindRenderer(ObjectKey user)
        {
            GameObject target = user.Resolve() as GameObject;
            return target == null ? null : target.GetComponent<Renderer>();
        }

        /// <summary>Returns whether no script gave the renderer or the slot a block.</summary>
        bool IsFree(Renderer renderer, int slot)
        {
            renderer.GetPropertyBlock(read);
            if (!read.isEmpty) { return false; }
            renderer.GetPropertyBlock(read, slot);
            return read.isEmpty || MaterialBlock.IsPreview(read);
        }

        void Clear(Renderer renderer, int slot)
        {
            if (renderer == null) { return; }
            renderer.GetPropertyBlock(read, slot);
            if (MaterialBlock.IsPreview(read)) { renderer.SetPropertyBlock(null, slot); }
        }
    }
}
