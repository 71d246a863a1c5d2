namespace VibeSync.Core.Space
{
    /// <summary>The types of Unity whose properties show channels.</summary>
    public enum ClipTarget
    {
        Transform,
        GameObject,
        Light,
        Camera,
        SkinnedMeshRenderer,
    }

    /// <summary>A property of Unity that shows a channel: its value = factor * canonical value, or the sRGB form of that.</summary>
    public readonly struct ShownChannel
    {
        public ShownChannel(string path, int component, ClipTarget target, string property, double factor, string key = null,
            bool isEncoded = false)
        {
            (Path, Component, Key, IsEncoded) = (path, component, key, isEncoded);
            (Target, Property, Factor) = (target, property, factor);
        }

        /// <summary>The address of the channel in its slot.</summary>
        public string Path { get; }
        public int Component { get; }
        public string Key { get; }

        public ClipTarget Target { get; }

        /// <summary>The name that Unity's clips have for the property.</summary>
        public string Property { get; }

        public double Factor { get; }

        /// <summary>Whether the property has the sRGB form, in which no segment keeps its form: it is shown frame by frame.</summary>
        public bool IsEncoded { get; }

        /// <summary>Whether the property jumps from key to key, whatever the form of the curve.</summary>
        public bool IsStepped => Target == ClipTarget.GameObject;
    }
}
