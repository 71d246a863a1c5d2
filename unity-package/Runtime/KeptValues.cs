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

        /// <summary>The collections that the object is in; empty for the scene alone.</summary>
        public string Collections = "";

        /// <summary>The collection that the object shows at its place; empty for none.</summary>
        public string Instance = "";

        /// <summary>The armature that the object shows; empty for none.</summary>
        public string Armature = "";

        /// <summary>The places of its joints that are not at rest; empty for none.</summary>
        public string Pose = "";

        /// <summary>The object whose armature deforms the object, while no renderer shows that; empty for none.</summary>
        public string Skin = "";

        /// <summary>
        /// The prefab that the daemon has for the object, and the one that Unity showed then; empty where both are the same.
        /// </summary>
        public string Prefab = "";
        public string PrefabShown = "";

        /// <summary>The action that the object plays; empty for none.</summary>
        public string Animation = "";

        public KeptValues Clone() => (KeptValues)MemberwiseClone();

        /// <summary>Returns whether all values are the same.</summary>
        public bool IsSame(KeptValues other) => Materials == other.Materials && Locks == other.Locks
            && Collections == other.Collections && Instance == other.Instance && Armature == other.Armature && Pose == other.Pose
            && Skin == other.Skin && Animation == other.Animation && Prefab == other.Prefab && PrefabShown == other.PrefabShown;
    }
}
