using UnityEditor;

namespace VibeSync.Editor
{
    /// <summary>
    /// Makes a batch one named step in the undo history, though it takes several ticks. Where the user does something in
    /// between, what follows is a step of its own, so that nobody undoes both with one keystroke.
    /// </summary>
    public sealed class UndoStep
    {
        int group;
        int next = -1;
        int first;
        bool interrupted;

        public string Label { get; private set; } = "";

        public void Begin(string label)
        {
            Label = label;
            next = first = -1;
            interrupted = false;
        }

        public void Resume()
        {
            if (Undo.GetCurrentGroup() == next) { return; }
            Undo.IncrementCurrentGroup();
            group = Undo.GetCurrentGroup();
            interrupted |= first >= 0;
            if (!interrupted) { first = group; }
            Undo.SetCurrentGroupName(Label);
        }

        /// <summary>Takes all of it back for good; false, with nothing done, where the user did something in between.</summary>
        public bool Revert()
        {
            if (interrupted || Undo.GetCurrentGroup() != next) { return false; }
            Undo.RevertAllDownToGroup(first);
            return true;
        }

        public void Pause()
        {
            Undo.CollapseUndoOperations(group);
            Undo.IncrementCurrentGroup();
            next = Undo.GetCurrentGroup();
        }
    }
}
