using System;
using System.Collections.Generic;
using System.Linq;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    /// <summary>
    /// A working undo history with groups, names, recorded properties, creation, destruction and parents.
    /// </summary>
    public partial class Undo
    {
        public delegate void UndoRedoCallback();

        public static UndoRedoCallback undoRedoPerformed;

        internal sealed class Step
        {
            internal int Group;
            internal string Name;
            internal Action Revert;
            internal Action Repeat;
        }

        internal static readonly List<Step> Done = new List<Step>();
        internal static readonly List<Step> Undone = new List<Step>();
        static readonly Dictionary<Object, (object State, string Name, int Group)> Recorded =
            new Dictionary<Object, (object, string, int)>();
        static readonly HashSet<Object> Complete = new HashSet<Object>();
        static int group;
        static string groupName = "";

        public static void RecordObject(Object objectToUndo, string name)
        {
            if (!Recorded.ContainsKey(objectToUndo))
            {
                Recorded.Add(objectToUndo, (objectToUndo.Capture(), name, group));
            }
        }

        /// <summary>Adds an operation in any case, also if the object does not change after it.</summary>
        public static void RegisterCompleteObjectUndo(Object objectToUndo, string name)
        {
            RecordObject(objectToUndo, name);
            Complete.Add(objectToUndo);
        }

        public static void RegisterCreatedObjectUndo(Object objectToUndo, string name)
        {
            GameObject created = (GameObject)objectToUndo;
            Tree tree = new Tree(created);
            Add(name, tree.Destroy, tree.Revive);
            ObjectChangeEvents.Queue(ObjectChangeKind.CreateGameObjectHierarchy, created.Id);
        }

        public static void DestroyObjectImmediate(Object objectToUndo)
        {
            Flush();
            if (objectToUndo is GameObject target)
            {
                PrefabUtility.RefuseDestroy(target);
                Tree tree = new Tree(target);
                tree.Destroy();
                Add("Destroy", tree.Revive, tree.Destroy);
                ObjectChangeEvents.Queue(ObjectChangeKind.DestroyGameObjectHierarchy, target.Id);
                return;
            }
            if (objectToUndo is Component part)
            {
                ObjectChangeEvents.Queue(ObjectChangeKind.ChangeGameObjectStructure, part.gameObject.Id);
            }
            objectToUndo.Destroy();
            Add("Destroy", objectToUndo.Revive, objectToUndo.Destroy);
        }

        public static void SetTransformParent(Transform transform, Transform newParent, string name)
        {
            Flush();
            Transform before = transform.parent;
            object state = transform.Capture();
            transform.SetParent(newParent, true);
            Add(name, () => { transform.MoveTo(before); transform.Restore(state); },
                () => transform.SetParent(newParent, true));
            ObjectChangeEvents.Queue(ObjectChangeKind.ChangeGameObjectParent, transform.gameObject.Id);
        }

        public static T AddComponent<T>(GameObject gameObject) where T : Component
        {
            T added = gameObject.AddComponent<T>();
            if (added == null) { return null; }
            Add("Add component", () => { gameObject.Components.Remove(added); added.Destroy(); },
                () => { added.Revive(); gameObject.Attach(added); });
            ObjectChangeEvents.Queue(ObjectChangeKind.ChangeGameObjectStructure, gameObject.Id);
            return added;
        }

        /// <summary>Begins a group. Recorded changes that are not flushed yet become operations of the new one.</summary>
        public static void IncrementCurrentGroup()
        {
            group++;
            groupName = "";
        }

        public static int GetCurrentGroup() => group;

        public static void SetCurrentGroupName(string name) => groupName = name;

        public static string GetCurrentGroupName() => groupName;

        public static void FlushUndoRecordObjects() => Flush();

        /// <summary>Joins the operations so far; recorded changes become operations only when they are flushed.</summary>
        public static void CollapseUndoOperations(int groupIndex)
        {
            if (UnityFakes.Faults.HasNoCollapse) { return; }
            // The groups of the steps ascend.
            for (int i = Done.Count - 1; i >= 0 && Done[i].Group > groupIndex; i--) { Done[i].Group = groupIndex; }
        }

        public static void RevertAllDownToGroup(int group)
        {
            Flush();
            while (Done.Count > 0 && Done[Done.Count - 1].Group >= group)
            {
                Step step = Done[Done.Count - 1];
                Done.RemoveAt(Done.Count - 1);
                step.Revert();
            }
            UnityFakes.Engine.HierarchyDirty = true;
        }

        public static void PerformUndo()
        {
            Flush();
            MoveGroup(Done, Undone, step => step.Revert());
        }

        public static void PerformRedo() => MoveGroup(Undone, Done, step => step.Repeat());

        /// <summary>Turns recorded changes into steps and events, as Unity does at the end of a frame.</summary>
        internal static void Flush()
        {
            List<KeyValuePair<Object, (object State, string Name, int Group)>> pending = Recorded.ToList();
            Recorded.Clear();
            foreach (KeyValuePair<Object, (object State, string Name, int Group)> entry in pending)
            {
                Object target = entry.Key;
                object before = entry.Value.State;
                object after = target.Capture();
                bool isComplete = Complete.Remove(target);
                if (target.Destroyed || (!isComplete && target.HasSameState(before, after))) { continue; }
                Add(entry.Value.Name, () => Restore(target, isComplete ? before : target.Change(target.Capture(), after, before)),
                    () => Restore(target, isComplete ? after : target.Change(target.Capture(), before, after)));
                EditorUtility.SetDirty(target);
                ObjectChangeKind kind = AssetDatabase.Contains(target) ? ObjectChangeKind.ChangeAssetObjectProperties
                    : ObjectChangeKind.ChangeGameObjectOrComponentProperties;
                ObjectChangeEvents.Queue(kind, target.Id);
            }
        }

        static void Restore(Object target, object state)
        {
            target.Restore(state);
            EditorUtility.Unsaved.Add(target.Id);
        }

        internal static void ClearHandlers() => undoRedoPerformed = null;

        internal static void Reset()
        {
            Done.Clear();
            Undone.Clear();
            Recorded.Clear();
            Complete.Clear();
        }

        /// <summary>Changes the selection by a script, which is a step as a click is.</summary>
        internal static void Select(Transform[] selected)
        {
            Transform[] before = Selection.All;
            Selection.All = selected;
            if (before.SequenceEqual(selected)) { return; }
            Flush();
            Add("Selection Change", () => Selection.All = before, () => Selection.All = selected);
        }

        static void Add(string name, Action revert, Action repeat)
        {
            string shown = groupName.Length > 0 ? groupName : name;
            Done.Add(new Step { Group = group, Name = shown, Revert = revert, Repeat = repeat });
            Undone.Clear();
        }

        static void MoveGroup(List<Step> from, List<Step> to, Action<Step> act)
        {
            if (from.Count == 0) { return; }
            int last = from[from.Count - 1].Group;
            while (from.Count > 0 && from[from.Count - 1].Group == last)
            {
                Step step = from[from.Count - 1];
                from.RemoveAt(from.Count - 1);
                act(step);
                to.Add(step);
            }
            UnityFakes.Engine.HierarchyDirty = true;
            undoRedoPerformed?.Invoke();
        }

        /// <summary>A GameObject and all objects below it, which can be destroyed and revived.</summary>
        sealed class Tree
        {
            readonly GameObject root;
            readonly Transform parent;
            readonly List<(GameObject Item, Transform Above)> items = new List<(GameObject, Transform)>();

            internal Tree(GameObject root)
            {
                this.root = root;
                parent = root.transform.parent;
                Collect(root);
            }

            internal void Destroy()
            {
                items.Clear();
                Collect(root);
                root.Destroy();
            }

            internal void Revive()
            {
                foreach ((GameObject item, Transform above) in items)
                {
                    item.Revive();
                    foreach (Component component in item.Components) { component.Revive(); }
                    Transform home = item == root ? parent : above;
                    item.transform.Above = home;
                    if (home == null) { item.Home.Roots.Add(item); }
                    else { home.Children.Add(item.transform); }
                }
            }

            void Collect(GameObject item)
            {
                items.Add((item, item.transform.Above));
                foreach (Transform child in item.transform.Children) { Collect(child.gameObject); }
            }
        }
    }
}
