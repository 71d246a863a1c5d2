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

        public string Label { get; private set; } = "";

        public void Begin(string label)
        {
            Label = label;
            next = -1;
        }

        public void Resume()
        {
            if (Undo.GetCurrentGroup() == next) { return; }
            Undo.IncrementCurrentGroup();
            group = Undo.GetCurrentGroup();
            Undo.SetCurrentGroupName(Label);
        }

        public void Pause()
        {
            Undo.CollapseUndoOperations(group);
            Undo.IncrementCurrentGroup();
            next = Undo.GetCurrentGroup();
        }
    }
}
