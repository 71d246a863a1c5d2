using System.Collections.Generic;
using System.Linq;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>All checks, in the order of a run. Checks that reload the domain come last.</summary>
    public static class SelfChecks
    {
        public static IReadOnlyList<SelfCheck> All { get; } = EventChecks.All.Concat(UndoChecks.All)
            .Concat(MeshChecks.All).Concat(AssetChecks.All).Concat(SceneChecks.All).Concat(PreviewChecks.All)
            .Concat(EditorChecks.All).ToList();
    }
}
