using System;
using System.Collections;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks that the editor publishes an event for each kind of edit, with the object that it is about.</summary>
    public static class EventChecks
    {
        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("events: move", context => Watch(context, Move)),
            new SelfCheck("events: rename", context => Watch(context, Rename)),
            new SelfCheck("events: create", context => Watch(context, Create)),
            new SelfCheck("events: delete", context => Watch(context, Delete)),
            new SelfCheck("events: change of parent", context => Watch(context, Reparent)),
            new SelfCheck("events: added component", context => Watch(context, AddComponent)),
            new SelfCheck("events: undo", SeeUndo),
        };

        /// <summary>Makes an edit, and waits until the condition that the edit returns holds.</summary>
        static IEnumerator Watch(SelfCheckContext context, Func<EventWatcher, Func<bool>> edit)
        {
            yield return null;
            using (EventWatcher watcher = new EventWatcher())
            {
                Func<bool> isSeen = edit(watcher);
                double since = SelfCheckContext.Now;
                // The message is made when it is needed: it names what came instead.
                while (!isSeen())
                {
                    context.Expect(SelfCheckContext.Now < since + 3, "not published; seen: " + watcher.Summary);
                    yield return null;
                }
                context.See(watcher.Summary);
            }
        }

        static Func<bool> Move(EventWatcher watcher)
        {
            Transform target = SelfCheckContext.Make("move").transform;
            Undo.RecordObject(target, "Move");
            target.localPosition = new Vector3(1, 2, 3);
            return () => watcher.Has(ObjectChangeKind.ChangeGameObjectOrComponentProperties, target);
        }

        static Func<bool> Rename(EventWatcher watcher)
        {
            GameObject target = SelfCheckContext.Make("rename");
            Undo.RecordObject(target, "Rename");
            target.name = "Self-Test renamed";
            return () => watcher.Has(ObjectChangeKind.ChangeGameObjectOrComponentProperties, target);
        }

        static Func<bool> Create(EventWatcher watcher)
        {
            GameObject target = SelfCheckContext.Make("create");
            Undo.RegisterCreatedObjectUndo(target, "Create");
            return () => watcher.Has(ObjectChangeKind.CreateGameObjectHierarchy, target);
        }

        static Func<bool> Delete(EventWatcher watcher)
        {
            Undo.DestroyObjectImmediate(SelfCheckContext.Make("delete"));
            return () => watcher.Has(ObjectChangeKind.DestroyGameObjectHierarchy);
        }

        static Func<bool> Reparent(EventWatcher watcher)
        {
            GameObject parent = SelfCheckContext.Make("parent");
            GameObject child = SelfCheckContext.Make("child");
            Undo.SetTransformParent(child.transform, parent.transform, "Parent");
            return () => watcher.Has(ObjectChangeKind.ChangeGameObjectParent, child);
        }

        static Func<bool> AddComponent(EventWatcher watcher)
        {
            GameObject target = SelfCheckContext.Make("component");
            Undo.AddComponent<MeshFilter>(target);
            return () => watcher.Has(ObjectChangeKind.ChangeGameObjectStructure, target);
        }

        static IEnumerator SeeUndo(SelfCheckContext context)
        {
            Transform target = SelfCheckContext.Make("undo").transform;
            yield return null;
            Undo.IncrementCurrentGroup();
            Undo.RecordObject(target, "Move");
            target.localPosition = new Vector3(1, 0, 0);
            Undo.FlushUndoRecordObjects();
            Undo.IncrementCurrentGroup();
            yield return null;
            int count = 0;
            void OnUndo() => count++;
            Undo.undoRedoPerformed += OnUndo;
            using (EventWatcher watcher = new EventWatcher())
            {
                try
                {
                    Undo.PerformUndo();
                    for (int frame = 0; frame < 3; frame++) { yield return null; }
                }
                finally
                {
                    Undo.undoRedoPerformed -= OnUndo;
                }
                context.See("undoRedoPerformed " + count + " times, " + watcher.Summary);
                context.Expect(target.localPosition.x == 0, "the undo did not take the move back");
                context.Expect(count > 0, "undoRedoPerformed was not raised");
            }
        }
    }
}
