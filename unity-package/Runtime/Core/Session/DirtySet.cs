using System.Collections.Generic;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// The uuids of entities that may have changed and that capture has not read yet, and whether entities may have
    /// gone since capture last looked for deletions.
    /// </summary>
    public sealed class DirtySet
    {
        readonly HashSet<string> uuids = new HashSet<string>();
        bool isStructureChanged;

        public int Count => uuids.Count;

        public IReadOnlyCollection<string> Uuids => uuids;

        public bool Contains(string uuid) => uuids.Contains(uuid);

        public void Add(string uuid) => uuids.Add(uuid);

        public void Remove(string uuid) => uuids.Remove(uuid);

        /// <summary>Records that entities may have gone.</summary>
        public void MarkStructureChanged() => isStructureChanged = true;

        /// <summary>Returns whether entities may have gone since the last call.</summary>
        public bool TakeStructureChanged()
        {
            bool taken = isStructureChanged;
            isStructureChanged = false;
            return taken;
        }
    }
}
