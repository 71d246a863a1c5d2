using System.Collections.Generic;
using UnityEditor;

namespace UnityFakes
{
    /// <summary>Behaviors of the editor that a test breaks on purpose, to see that they are missed.</summary>
    public static class Faults
    {
        /// <summary>The kinds of events that are not published.</summary>
        public static HashSet<ObjectChangeKind> LostEvents { get; } = new HashSet<ObjectChangeKind>();

        /// <summary>Whether the frames of a batch stay steps of their own.</summary>
        public static bool HasNoCollapse { get; set; }

        /// <summary>Whether Clear(false) keeps the layout of a mesh.</summary>
        public static bool KeepsLayout { get; set; }

        /// <summary>Whether a domain reload empties SessionState.</summary>
        public static bool ForgetsSession { get; set; }

        /// <summary>Whether a scene file loses the flags of objects.</summary>
        public static bool LosesFlags { get; set; }

        /// <summary>Whether overrides of prefabs are not recorded.</summary>
        public static bool LosesOverrides { get; set; }

        /// <summary>Whether a script reload never happens.</summary>
        public static bool HasNoReload { get; set; }

        /// <summary>Whether an import renames every object of a file.</summary>
        public static bool RenamesSubAssets { get; set; }

        /// <summary>Whether a material file loses the tags of the material.</summary>
        public static bool LosesTags { get; set; }

        /// <summary>Whether a render pipeline throws whenever it draws.</summary>
        public static bool BreaksDrawing { get; set; }

        /// <summary>Whether a rotation is a little different after it was set.</summary>
        public static bool RoundsRotations { get; set; }

        /// <summary>Whether a transform that a script sets is marked and published as a change, also without undo.</summary>
        public static bool PublishesTransforms { get; set; }

        /// <summary>The shaders that the project does not have.</summary>
        public static HashSet<string> MissingShaders { get; } = new HashSet<string>();

        /// <summary>Whether a clip holds curves without the weights of their handles.</summary>
        public static bool DropsWeights { get; set; }

        internal static void Reset()
        {
            MissingShaders.Clear();
            LostEvents.Clear();
            HasNoCollapse = KeepsLayout = ForgetsSession = LosesFlags = LosesOverrides = HasNoReload = false;
            RenamesSubAssets = LosesTags = BreaksDrawing = RoundsRotations = PublishesTransforms = DropsWeights = false;
        }
    }
}
