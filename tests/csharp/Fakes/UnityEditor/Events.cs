using System;
using System.Collections.Generic;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace UnityEditor
{
    [AttributeUsage(AttributeTargets.Method)]
    public class InitializeOnLoadMethodAttribute : Attribute
    {
    }

    public sealed class EditorApplication
    {
        public delegate void CallbackFunction();

        public static CallbackFunction update;

        public static event Action hierarchyChanged;

        public static event Action<PlayModeStateChange> playModeStateChanged;

        public static event Action quitting;

        public static bool isPlayingOrWillChangePlaymode { get; internal set; }

        public static bool isPlaying { get; set; }

        public static bool isCompiling { get; internal set; }

        public static bool isUpdating { get; internal set; }

        public static double timeSinceStartup => UnityFakes.Editor.Clock();

        /// <summary>Takes effect at the end of the frame.</summary>
        public static void EnterPlaymode() => UnityFakes.Editor.IsPlayingWanted = true;

        /// <summary>Takes effect at the end of the frame.</summary>
        public static void ExitPlaymode() => UnityFakes.Editor.IsPlayingWanted = false;

        /// <summary>The number of times that a tick was asked for.</summary>
        internal static int Signals;

        /// <summary>The thread that runs the updates; 0 between two updates.</summary>
        internal static int UpdatingThread;

        /// <summary>Asks for a tick. Has no effect when it comes out of an update.</summary>
        internal static void SignalTick()
        {
            if (System.Threading.Thread.CurrentThread.ManagedThreadId == UpdatingThread) { return; }
            System.Threading.Interlocked.Increment(ref Signals);
        }

        internal static void RaiseHierarchyChanged() => hierarchyChanged?.Invoke();

        internal static void RaisePlayMode(PlayModeStateChange change) => playModeStateChanged?.Invoke(change);

        internal static void RaiseQuitting() => quitting?.Invoke();

        internal static void ClearHandlers()
        {
            update = null;
            hierarchyChanged = null;
            playModeStateChanged = null;
            quitting = null;
        }
    }

    public enum PlayModeStateChange
    {
        EnteredEditMode,
        ExitingEditMode,
        EnteredPlayMode,
        ExitingPlayMode,
    }

    public static class AssemblyReloadEvents
    {
        public delegate void AssemblyReloadCallback();

        public static event AssemblyReloadCallback beforeAssemblyReload;

        internal static void RaiseBefore() => beforeAssemblyReload?.Invoke();

        internal static void ClearHandlers() => beforeAssemblyReload = null;
    }

    public enum ObjectChangeKind : ushort
    {
        None = 0,
        ChangeScene = 1,
        CreateGameObjectHierarchy = 2,
        ChangeGameObjectStructureHierarchy = 3,
        ChangeGameObjectStructure = 4,
        ChangeGameObjectParent = 5,
        ChangeGameObjectOrComponentProperties = 6,
        DestroyGameObjectHierarchy = 7,
        CreateAssetObject = 8,
        DestroyAssetObject = 9,
        ChangeAssetObjectProperties = 10,
        UpdatePrefabInstances = 11,
    }

    public struct ChangeGameObjectOrComponentPropertiesEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct ChangeAssetObjectPropertiesEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct ChangeGameObjectParentEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct ChangeGameObjectStructureEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct CreateGameObjectHierarchyEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct ChangeGameObjectStructureHierarchyEventArgs
    {
        internal int Id;

#if UNITY_6000_4_OR_NEWER
        public EntityId entityId => new EntityId(Id);
#else
        public int instanceId => Id;
#endif
    }

    public struct ObjectChangeEventStream
    {
        internal List<(ObjectChangeKind Kind, int Id)> Events;

        public int length => Events.Count;

        public ObjectChangeKind GetEventType(int eventIdx) => Events[eventIdx].Kind;

        public void GetChangeGameObjectOrComponentPropertiesEvent(int eventIdx,
            out ChangeGameObjectOrComponentPropertiesEventArgs data)
        {
            data = new ChangeGameObjectOrComponentPropertiesEventArgs { Id = Events[eventIdx].Id };
        }

        public void GetChangeAssetObjectPropertiesEvent(int eventIdx, out ChangeAssetObjectPropertiesEventArgs data)
        {
            data = new ChangeAssetObjectPropertiesEventArgs { Id = Events[eventIdx].Id };
        }

        public void GetChangeGameObjectParentEvent(int eventIdx, out ChangeGameObjectParentEventArgs data)
        {
            data = new ChangeGameObjectParentEventArgs { Id = Events[eventIdx].Id };
        }

        public void GetCreateGameObjectHierarchyEvent(int eventIdx, out CreateGameObjectHierarchyEventArgs data)
        {
            data = new CreateGameObjectHierarchyEventArgs { Id = Events[eventIdx].Id };
        }

        public void GetChangeGameObjectStructureHierarchyEvent(int eventIdx,
            out ChangeGameObjectStructureHierarchyEventArgs data)
        {
            data = new ChangeGameObjectStructureHierarchyEventArgs { Id = Events[eventIdx].Id };
        }

        public void GetChangeGameObjectStructureEvent(int eventIdx, out ChangeGameObjectStructureEventArgs data)
        {
            data = new ChangeGameObjectStructureEventArgs { Id = Events[eventIdx].Id };
        }
    }

    public static class ObjectChangeEvents
    {
        public delegate void ObjectChangeEventsHandler(ref ObjectChangeEventStream stream);

        public static event ObjectChangeEventsHandler changesPublished;

        static List<(ObjectChangeKind, int)> pending = new List<(ObjectChangeKind, int)>();

        internal static void Queue(ObjectChangeKind kind, int id)
        {
            if (!UnityFakes.Faults.LostEvents.Contains(kind)) { pending.Add((kind, id)); }
        }

        /// <summary>Publishes the queued events, once a frame.</summary>
        internal static void Publish()
        {
            if (pending.Count == 0) { return; }
            ObjectChangeEventStream stream = new ObjectChangeEventStream { Events = pending };
            pending = new List<(ObjectChangeKind, int)>();
            changesPublished?.Invoke(ref stream);
        }

        internal static void ClearHandlers() => changesPublished = null;

        internal static void Reset() => pending.Clear();
    }
}
