using System.Collections.Generic;

namespace UnityEngine
{
    public struct Vector4
    {
        public float x;
        public float y;
        public float z;
        public float w;

        public Vector4(float x, float y, float z, float w)
        {
            (this.x, this.y, this.z, this.w) = (x, y, z, w);
        }
    }

    /// <summary>Numbers that a renderer shows instead of those of its materials. A renderer keeps a copy of its own.</summary>
    public sealed class MaterialPropertyBlock
    {
        readonly Dictionary<string, float> floats = new Dictionary<string, float>();
        readonly Dictionary<string, Vector4> vectors = new Dictionary<string, Vector4>();

        public bool isEmpty => floats.Count + vectors.Count == 0;

        public void SetFloat(string name, float value) => floats[name] = value;

        public float GetFloat(string name) => floats.TryGetValue(name, out float value) ? value : 0;

        public void SetVector(string name, Vector4 value) => vectors[name] = value;

        public Vector4 GetVector(string name) => vectors.TryGetValue(name, out Vector4 value) ? value : default;

        public bool HasProperty(string name) => floats.ContainsKey(name) || vectors.ContainsKey(name);

        public void Clear()
        {
            floats.Clear();
            vectors.Clear();
        }

        /// <summary>Takes over the content of another block; null has none.</summary>
        internal MaterialPropertyBlock Assign(MaterialPropertyBlock other)
        {
            Clear();
            if (other == null) { return this; }
            foreach (KeyValuePair<string, float> value in other.floats) { floats[value.Key] = value.Value; }
            foreach (KeyValuePair<string, Vector4> value in other.vectors) { vectors[value.Key] = value.Value; }
            return this;
        }
    }

    /// <summary>The blocks of a renderer: one for all slots, and one for each. Unity neither saves nor copies them.</summary>
    public partial class Renderer
    {
        /// <summary>The slot of the block for all.</summary>
        const int AllSlots = -1;

        readonly Dictionary<int, MaterialPropertyBlock> blocks = new Dictionary<int, MaterialPropertyBlock>();

        /// <summary>Null, or an empty block, removes it.</summary>
        public void SetPropertyBlock(MaterialPropertyBlock properties) => SetPropertyBlock(properties, AllSlots);

        public void SetPropertyBlock(MaterialPropertyBlock properties, int materialIndex)
        {
            Check();
            if (properties == null || properties.isEmpty) { blocks.Remove(materialIndex); }
            else { blocks[materialIndex] = new MaterialPropertyBlock().Assign(properties); }
        }

        public void GetPropertyBlock(MaterialPropertyBlock properties) => GetPropertyBlock(properties, AllSlots);

        public void GetPropertyBlock(MaterialPropertyBlock properties, int materialIndex)
        {
            Check();
            properties.Assign(blocks.TryGetValue(materialIndex, out MaterialPropertyBlock known) ? known : null);
        }
    }
}
