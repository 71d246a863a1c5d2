using System;
using System.Collections.Generic;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using Value = VibeSync.Core.Scene.Component;

namespace VibeSync.Editor
{
    /// <summary>
    /// Converts the records of lights and cameras, and remembers the values that they hold: one object stands for each text,
    /// so that two values are compared by reference.
    /// </summary>
    public sealed class ViewerValues
    {
        readonly Dictionary<string, (string Text, Value Value)> parsed = new Dictionary<string, (string, Value)>();

        /// <summary>The kinds, in the order in which an object with several shows them.</summary>
        public IReadOnlyList<ViewerKind> Kinds { get; } = new ViewerKind[] { new LightKind(), new CameraKind() };

        /// <summary>Returns the kind with this name; null for none.</summary>
        public ViewerKind FindKind(string kind)
        {
            foreach (ViewerKind each in Kinds)
            {
                if (each.Kind == kind) { return each; }
            }
            return null;
        }

        /// <summary>Returns the value of a record; null if it has none.</summary>
        public Value Parse(DataIdentity data)
        {
            if (data.Value.Length == 0) { return null; }
            if (parsed.TryGetValue(data.Uuid, out (string Text, Value Value) known) && known.Text == data.Value)
            {
                return known.Value;
            }
            try
            {
                Value value = FindKind(data.Kind)?.Parse(data.Value);
                parsed[data.Uuid] = (data.Value, value);
                return value;
            }
            catch (SyncException)
            {
                // Somebody damaged the scene file: what Unity shows counts.
                return null;
            }
        }

        /// <summary>Makes the record of a light or camera.</summary>
        /// <param name="content">Its name, locks and animation, as far as they change.</param>
        /// <param name="present">What it is otherwise; null for a new one.</param>
        public DataIdentity Make(Entity content, Entity present, ViewerKind kind, Value value)
        {
            string text = JsonWriter.Write(value.ToJson(null));
            parsed[content.Uuid] = (text, value);
            T Find<T>(string key) where T : Value => content.Find<T>(key) ?? present?.Find<T>(key);
            return new DataIdentity
            {
                Uuid = content.Uuid,
                Kind = kind.Kind,
                Name = Find<NameComponent>("name")?.Name ?? kind.Kind,
                Value = text,
                Units = kind.Units,
                Locks = KeptRecords.WriteLocks(Find<LocksComponent>(LocksComponent.Name) ?? LocksComponent.None),
                Animation = KeptRecords.WriteAnimation(Find<AnimationComponent>(AnimationComponent.Name) ?? AnimationComponent.None),
            };
        }

        /// <summary>Forgets a light or camera that is gone.</summary>
        public void Forget(string uuid) => parsed.Remove(uuid);

        /// <summary>Returns the entity; null without a value.</summary>
        public static Entity Compose(DataIdentity data, Value value)
        {
            if (value == null) { return null; }
            Entity entity = new Entity(data.Uuid, data.Kind);
            entity.Set(NameComponent.FromEditor(data.Name));
            entity.Set(value);
            entity.Set(KeptRecords.ParseLocks(data.Locks));
            entity.Set(KeptRecords.ParseAnimation(data.Animation));
            return entity;
        }
    }
}
