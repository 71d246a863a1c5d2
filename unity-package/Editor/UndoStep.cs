using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>
    /// Makes a batch one named step in the undo history, although it takes several ticks. If the user does something in
    /// between, the rest of the batch is a separate step; otherwise one undo would revert both.
    /// </summary>
    public sealed class UndoStep
    {
        int group;
        int next = -1;
        int first;
        bool isInterrupted;

        public string Label { get; private set; } = "";

        public void Begin(string label)
        {
            Label = label;
            next = first = -1;
            isInterrupted = false;
        }

        public void Resume()
        {
            if (Undo.GetCurrentGroup() == next) { return; }
            Undo.IncrementCurrentGroup();
            group = Undo.GetCurrentGroup();
            isInterrupted |= first >= 0;
            if (!isInterrupted) { first = group; }
            Undo.SetCurrentGroupName(Label);
        }

        /// <summary>
        /// Reverts the step without a redo. Does nothing and returns false if the user did something in between.
        /// </summary>
        public bool Revert()
        {
            if (isInterrupted || Undo.GetCurrentGroup() != next) { return false; }
            Undo.RevertAllDownToGroup(first);
            return true;
        }

        public void Pause()
        {
            // Unity turns recorded changes into operations at the end of a frame; here they must be in the group by now.
            Undo.FlushUndoRecordObjects();
            Undo.CollapseUndoOperations(group);
            Undo.IncrementCurrentGroup();
            next = Undo.GetCurrentGroup();
        }
    }
}
