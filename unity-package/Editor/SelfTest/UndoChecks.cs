using System.Collections;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks that a batch, which takes several frames, is one named step of the undo history.</summary>
    public static class UndoChecks
    {
        const string Label = "Self-Test batch";

        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("undo: a batch over frames is one named step", UndoBatch),
            new SelfCheck("redo: repeats the whole batch", RedoBatch),
            new SelfCheck("undo: an earlier edit stays a step of its own", KeepEarlierEdit),
        };

        static IEnumerator UndoBatch(SelfCheckContext context)
        {
            Transform[] targets = { SelfCheckContext.Make("A").transform, SelfCheckContext.Make("B").transform };
            yield return null;
            foreach (object frame in Apply(context, targets)) { yield return frame; }
            Undo.PerformUndo();
            context.See("after one undo A is at " + targets[0].localPosition.x + ", B at " + targets[1].localPosition.x);
            context.Expect(targets[0].localPosition.x == 0 && targets[1].localPosition.x == 0,
                "one undo did not take back the whole batch");
        }

        static IEnumerator RedoBatch(SelfCheckContext context)
        {
            Transform[] targets = { SelfCheckContext.Make("A").transform, SelfCheckContext.Make("B").transform };
            yield return null;
            foreach (object frame in Apply(context, targets)) { yield return frame; }
            Undo.PerformUndo();
            context.Expect(targets[0].localPosition.x == 0 && targets[1].localPosition.x == 0,
                "one undo did not take back the whole batch");
            yield return null;
            Undo.PerformRedo();
            context.See("after one redo A is at " + targets[0].localPosition.x + ", B at " + targets[1].localPosition.x);
            context.Expect(targets[0].localPosition.x == 1 && targets[1].localPosition.x == 1,
                "one redo did not repeat the whole batch");
        }

        static IEnumerator KeepEarlierEdit(SelfCheckContext context)
        {
            Transform edited = SelfCheckContext.Make("edited").transform;
            Transform[] targets = { SelfCheckContext.Make("A").transform, SelfCheckContext.Make("B").transform };
            yield return null;
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(edited, "Move");
            edited.localPosition = new Vector3(7, 0, 0);
            yield return null;
            foreach (object frame in Apply(context, targets)) { yield return frame; }
            Undo.PerformUndo();
            context.See("after one undo the edit is at " + edited.localPosition.x);
            context.Expect(targets[0].localPosition.x == 0, "the undo did not take back the batch");
            context.Expect(edited.localPosition.x == 7, "the undo took back the user's edit too");
        }

        /// <summary>Moves each target in a frame of its own, as a batch does.</summary>
        static IEnumerable Apply(SelfCheckContext context, Transform[] targets)
        {
            UndoStep step = new UndoStep();
            step.Begin(Label);
            foreach (Transform target in targets)
            {
                step.Resume();
                // Later frames join the group of the first one.
                bool isNamed = target != targets[0] || Undo.GetCurrentGroupName() == Label;
                context.Expect(isNamed, "the step is named " + Undo.GetCurrentGroupName());
                Undo.RecordObject(target, Label);
                target.localPosition = new Vector3(1, 0, 0);
                step.Pause();
                yield return null;
            }
        }
    }
}
