using System;

namespace VibeSync
{
    /// <summary>Stores synchronized values of an object for which Unity has no field, as JSON.</summary>
    [Serializable]
    public sealed class KeptValues
    {
        /// <summary>The materials that the object shows instead of those of its mesh; empty for none.</summary>
        public string Materials = "";

        /// <summary>The fields that an editor shows and cannot write; empty for none.</summary>
        public string Locks = "";

        public KeptValues Clone() => (KeptValues)MemberwiseClone();
    }
}
