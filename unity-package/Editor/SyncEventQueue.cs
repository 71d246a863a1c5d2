using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps the events of a tick until it has ended, so that a listener may use the bridge, even end it. An error of
    /// a listener is logged, and concerns nobody else.
    /// </summary>
    public sealed class SyncEventQueue
    {
        readonly List<SyncEvent> waiting = new List<SyncEvent>();

        public void Add(SyncEvent happened) => waiting.Add(happened);

        /// <summary>Calls each listener with each event.</summary>
        /// <param name="listeners">May be null.</param>
        public void Raise(Action<SyncEvent> listeners)
        {
            if (waiting.Count == 0) { return; }
            SyncEvent[] events = waiting.ToArray();
            waiting.Clear();
            if (listeners == null) { return; }
            foreach (SyncEvent happened in events)
            {
                foreach (Delegate listener in listeners.GetInvocationList()) { Call((Action<SyncEvent>)listener, happened); }
            }
        }

        static void Call(Action<SyncEvent> listener, SyncEvent happened)
        {
            try
            {
                listener(happened);
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
        }
    }
}
