using System;
using System.Collections.Generic;
using System.Linq;
using UnityEditor;
using Object = UnityEngine.Object;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Records the change events of the editor.</summary>
    public sealed class EventWatcher : IDisposable
    {
        readonly List<KeyValuePair<ObjectChangeKind, ObjectKey>> events =
            new List<KeyValuePair<ObjectChangeKind, ObjectKey>>();

        public EventWatcher()
        {
            ObjectChangeEvents.changesPublished += OnChanges;
        }

        /// <summary>The kinds of the events so far, for the report.</summary>
        public string Summary => events.Count == 0 ? "no events"
            : string.Join(", ", events.Select(item => item.Key.ToString()).Distinct());

        /// <summary>Returns whether an event of a kind named the object.</summary>
        public bool Has(ObjectChangeKind kind, Object target)
        {
            ObjectKey key = ObjectKey.Of(target);
            return events.Exists(item => item.Key == kind && item.Value.Equals(key));
        }

        /// <summary>Returns whether there was an event of a kind.</summary>
        public bool Has(ObjectChangeKind kind) => events.Exists(item => item.Key == kind);

        public void Clear() => events.Clear();

        public void Dispose() => ObjectChangeEvents.changesPublished -= OnChanges;

        void OnChanges(ref ObjectChangeEventStream stream)
        {
            for (int i = 0; i < stream.length; i++)
            {
                UnityCompat.ReadChange(ref stream, i, out ObjectKey key);
                events.Add(new KeyValuePair<ObjectChangeKind, ObjectKey>(stream.GetEventType(i), key));
            }
        }
    }
}
