using System;

namespace VibeSync
{
    /// <summary>
    /// Stores the identity of a light or camera, and what editor and daemon shared of it last. GameObjects with one uuid
    /// show the same light.
    /// </summary>
    [Serializable]
    public sealed class DataIdentity
    {
        /// <summary>Empty for an object that shows none.</summary>
        public string Uuid = "";

        /// <summary>The kind of entity.</summary>
        public string Kind = "";

        /// <summary>The name of the light, which is not the one of the object.</summary>
        public string Name = "";

        /// <summary>The component in canonical form, as JSON: Unity has no field for some of its values.</summary>
        public string Value = "";

        /// <summary>The units of Unity's intensities when the value was shown.</summary>
        public string Units = "";

        /// <summary>The fields that an editor shows and cannot write, as JSON; empty for none.</summary>
        public string Locks = "";

        /// <summary>The action that the light or camera plays, as JSON; empty for none.</summary>
        public string Animation = "";

        public DataIdentity Clone() => (DataIdentity)MemberwiseClone();
    }
}
