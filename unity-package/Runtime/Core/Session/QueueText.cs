using System.Collections.Generic;
using System.Globalization;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Session
{
    /// <summary>Describes the queues of a session: what waits, how many changes, and of what kind.</summary>
    public static class QueueText
    {
        /// <summary>Returns a label and a value for each queue that is not empty.</summary>
        /// <param name="toApply">Number of changes of the batch that waits to be applied.</param>
        public static List<KeyValuePair<string, string>> Describe(IReadOnlyList<OutgoingIntent> outbox, int toApply)
        {
            List<Change> unsent = new List<Change>();
            List<Change> sent = new List<Change>();
            foreach (OutgoingIntent intent in outbox) { (intent.IsSent ? sent : unsent).AddRange(intent.Changes); }
            List<KeyValuePair<string, string>> lines = new List<KeyValuePair<string, string>>();
            Add(lines, "Waiting to be sent", Describe(unsent));
            Add(lines, "Waiting for an answer", Describe(sent));
            Add(lines, "Waiting to be applied", toApply == 0 ? "" : Count(toApply));
            return lines;
        }

        static void Add(List<KeyValuePair<string, string>> lines, string label, string value)
        {
            if (value.Length > 0) { lines.Add(new KeyValuePair<string, string>(label, value)); }
        }

        static string Describe(List<Change> changes)
        {
            if (changes.Count == 0) { return ""; }
            List<string> parts = new List<string>();
            foreach ((ChangeOp op, string word) in new[]
            {
                (ChangeOp.Create, " new"), (ChangeOp.Update, " changed"), (ChangeOp.Delete, " deleted"),
            })
            {
                int count = changes.FindAll(change => change.Op == op).Count;
                if (count > 0) { parts.Add(Text(count) + word); }
            }
            int meshes = changes.FindAll(change => change.Content?.Find<MeshComponent>("mesh") != null).Count;
            if (meshes > 0) { parts.Add(Text(meshes) + (meshes == 1 ? " with a mesh" : " with meshes")); }
            return Count(changes.Count) + ": " + string.Join(", ", parts);
        }

        static string Count(int changes) => Text(changes) + (changes == 1 ? " change" : " changes");

        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
