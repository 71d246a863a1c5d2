using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>Groups changes into intents, and labels the intents.</summary>
    public static class IntentPacking
    {
        const int MaxChanges = 1000;
        const int MaxCallChanges = 10000;
        const int MaxAttachments = 1000;
        const long MaxBytes = 64L << 20;

        /// <summary>Returns the changes in groups, one for each intent, within the limits of a message.</summary>
        public static List<List<Change>> Pack(List<Change> changes)
        {
            List<List<Change>> groups = new List<List<Change>>();
            List<Change> group = null;
            int attachments = 0;
            long bytes = 0;
            foreach (Change change in changes)
            {
                int buffers = CountBuffers(change);
                long size = EstimateSize(change);
                bool isFull = group == null || group.Count >= MaxChanges || attachments + buffers > MaxAttachments
                    || bytes + size > MaxBytes;
                if (isFull)
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

        /// <summary>Returns whether all changes fit into one intent, by the largest sizes that a daemon takes.</summary>
        public static bool FitsOneIntent(List<Change> changes)
        {
            long bytes = 0;
            int attachments = 0;
            foreach (Change change in changes)
            {
                bytes += EstimateSize(change);
                attachments += CountBuffers(change);
            }
            return changes.Count <= MaxCallChanges && attachments <= MaxAttachments && bytes <= MaxBytes;
        }

        /// <summary>Returns the approximate number of bytes of a change on the wire.</summary>
        public static long EstimateSize(Change change)
        {
            ImageComponent image = change.Content?.Find<ImageComponent>(ImageComponent.Name);
            if (image != null) { return 500 + image.File.Length; }
            MeshComponent mesh = change.Content?.Find<MeshComponent>("mesh");
            ShapesComponent shapes = change.Content?.Find<ShapesComponent>(ShapesComponent.Name);
            WeightsComponent weights = change.Content?.Find<WeightsComponent>(WeightsComponent.Name);
            return 500 + (shapes?.Bytes ?? 0) + (weights?.Bytes ?? 0) + (mesh == null ? 0 : mesh.Position.Length * 4L + mesh.CornerCount * 100L);
        }

        /// <summary>Returns the largest number of attachments of a change.</summary>
        static int CountBuffers(Change change)
        {
            if (change.Content?.Find<ImageComponent>(ImageComponent.Name) != null) { return 1; }
            int shapes = change.Content?.Find<ShapesComponent>(ShapesComponent.Name) == null ? 0 : ShapesComponent.Buffers;
            int weights = change.Content?.Find<WeightsComponent>(WeightsComponent.Name) == null ? 0 : WeightsComponent.BufferCount;
            return shapes + weights + (change.Content?.Find<MeshComponent>("mesh") == null ? 0 : 4 + MeshComponent.UvSets);
        }

        /// <summary>Returns the name of the changes in the undo history of the other editor.</summary>
        public static string MakeLabel(List<Change> changes)
        {
            string count = changes.Count.ToString(CultureInfo.InvariantCulture);
            string name = changes[0].Content?.Find<NameComponent>("name")?.Name;
            string subject = changes.Count == 1 ? name ?? "1 entity" : count + " entities";
            switch (changes[0].Op)
            {
                case ChangeOp.Create: return "Create " + subject + " in Unity";
                case ChangeOp.Delete: return "Delete " + subject + " in Unity";
                default: return "Change " + subject + " in Unity";
            }
        }
    }
}
