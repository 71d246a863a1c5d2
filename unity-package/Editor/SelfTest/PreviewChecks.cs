using System.Collections;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Space;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks that a transform can be shown and put back without a trace.</summary>
    public static class PreviewChecks
    {
        /// <summary>The frames after which events and marks of a change have come.</summary>
        const int Frames = 3;

        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("preview: a move without undo leaves no mark", ShowAndPutBack),
        };

        static IEnumerator ShowAndPutBack(SelfCheckContext context)
        {
            Transform target = SelfCheckContext.Make("preview").transform;
            target.localRotation = new Quaternion(0.36f, 0.48f, 0.64f, 0.48f);
            NativeTransform before = Placement.Read(target, default);
            NativeTransform shown = NativeTransform.From(new Core.Scene.TransformComponent(
                new double[] { 1, 2, 3 }, new double[] { 0.6, 0, 0, 0.8 }, new double[] { 2, 2, 2 }), default);
            yield return null;
            Undo.FlushUndoRecordObjects();
            string last = Undo.GetCurrentGroupName();
            int marks = EditorUtility.GetDirtyCount(target);
            using (EventWatcher watcher = new EventWatcher())
            {
                Placement.Write(target, shown);
                for (int frame = 0; frame < Frames; frame++) { yield return null; }
                Placement.Write(target, before);
                for (int frame = 0; frame < Frames; frame++) { yield return null; }
                bool isExact = Placement.Read(target, default).IsSame(before);
                context.See(watcher.Summary + ", put back " + (isExact ? "exactly" : "with a rounded rotation"));
            }
            context.Expect(EditorUtility.GetDirtyCount(target) == marks, "the transform is marked as changed");
            context.Expect(Undo.GetCurrentGroupName() == last, "an undo step came of it");
        }
    }
}
