using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>How changes are put into intents, and what those are called.</summary>
    public static class IntentPacking
    {
        const int MaxChanges = 1000;
        const int MaxAttachments = 1000;
        const long MaxBytes = 64L << 20;

        /// <summary>The changes in groups, one an intent.</summary>
        public static List<List<Change>> Pack(List<Change> changes)
        {
            List<List<Change>> groups = new List<List<Change>>();
            List<Change> group = null;
            int attachments = 0;
            long bytes = 0;
            foreach (Change change in changes)
            {
                MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
                int buffers = mesh == null ? 0 : 4 + MeshComponent.UvSets;
                long size = Size(change);
                bool full = group == null || group.Count >= MaxChanges || attachments + buffers > MaxAttachments
                    || bytes + size > MaxBytes;
                if (full)
                {
                    groups.Add(group = new List<Change>());
                    attachments = 0;
                    bytes = 0;
                }
                group.Add(change);
                attachments += buffers;
                bytes += size;
            }
            return groups;
        }

        /// <summary>About how many bytes a change has on the wire.</summary>
        public static long Size(Change change)
        {
            MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
            return mesh == null ? 500 : mesh.Position.Length * 4L + mesh.CornerCount * 100L;
        }

        /// <summary>What the undo history of the other editor calls the changes.</summary>
        public static string Label(List<Change> changes)
        {
            string count = changes.Count.ToString(CultureInfo.InvariantCulture);
            string name = changes[0].Content?.Find<NameComponent>("name")?.Name;
            string what = changes.Count == 1 ? name ?? "1 entity" : count + " entities";
            switch (changes[0].Op)
            {
                case ChangeOp.Create: return "Create " + what + " in Unity";
                case ChangeOp.Delete: return "Delete " + what + " in Unity";
                default: return "Change " + what + " in Unity";
            }
        }
    }
}
