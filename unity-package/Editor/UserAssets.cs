using System;
using System.Globalization;
using VibeSync.Core;

namespace VibeSync.Editor
{
    /// <summary>
    /// Makes the uuids of assets of the user's: they follow from the project and from the asset, so they are the same in each
    /// scene and on each machine.
    /// </summary>
    public static class UserAssets
    {
        /// <summary>The number of uuids that an asset may have had before, and that were deleted.</summary>
        public const int MaxGenerations = 8;

        /// <param name="generation">How many uuids before this one were deleted.</param>
        public static string MakeUuid(string project, string name, int generation) => Uuid.FromName(project,
            generation == 0 ? name : name + ":" + generation.ToString(CultureInfo.InvariantCulture));

        /// <summary>Returns the uuid that follows a deleted one of the same asset; null if it has none.</summary>
        public static string FindNextUuid(Func<int, string> find, string uuid)
        {
            for (int generation = 0; generation < MaxGenerations; generation++)
            {
                if (find(generation) == uuid) { return find(generation + 1); }
            }
            return null;
        }
    }
}
