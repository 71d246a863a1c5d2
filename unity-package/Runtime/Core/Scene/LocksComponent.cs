using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The fields that an editor shows and cannot write, by editor and component.</summary>
    public sealed class LocksComponent : Component
    {
        public const string Name = "locks";
        public const string Blender = "blender";
        public const string Unity = "unity";

        /// <summary>No locked field.</summary>
        public static readonly LocksComponent None = new LocksComponent();

        readonly SortedDictionary<string, SortedDictionary<string, SortedSet<string>>> editors =
            new SortedDictionary<string, SortedDictionary<string, SortedSet<string>>>(StringComparer.Ordinal);

        public override string Key => Name;

        public override bool IsDefault => editors.Count == 0;

        /// <summary>Returns whether an editor has locked a field.</summary>
        public bool IsLocked(string editor, string component, string field) =>
            editors.TryGetValue(editor, out SortedDictionary<string, SortedSet<string>> locked)
                && locked.TryGetValue(component, out SortedSet<string> fields) && fields.Contains(field);

        /// <summary>Returns a copy in which the locks of Unity are these, given as "component.field".</summary>
        public LocksComponent WithUnity(IEnumerable<string> locked)
        {
            LocksComponent copy = new LocksComponent();
            if (editors.TryGetValue(Blender, out SortedDictionary<string, SortedSet<string>> others))
            {
                copy.editors.Add(Blender, others);
            }
            foreach (string each in locked)
            {
                int dot = each.IndexOf('.');
                copy.Add(Unity, each.Substring(0, dot), each.Substring(dot + 1));
            }
            return copy;
        }

        public static LocksComponent Read(JsonValue json, string location)
        {
            LocksComponent locks = new LocksComponent();
            foreach (KeyValuePair<string, JsonValue> editor in json.AsObject(location))
            {
                string editorLocation = location + "." + editor.Key;
                if (editor.Key != Blender && editor.Key != Unity)
                {
                    throw new SyncException(ErrorCode.ComponentInvalid, "no editor", editorLocation);
                }
                foreach (KeyValuePair<string, JsonValue> component in editor.Value.AsObject(editorLocation))
                {
                    string fieldLocation = editorLocation + "." + component.Key;
                    foreach (JsonValue field in component.Value.AsArray(fieldLocation))
                    {
                        locks.Add(editor.Key, component.Key, field.AsString(fieldLocation));
                    }
                }
            }
            return locks;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue json = JsonValue.Object();
            foreach (KeyValuePair<string, SortedDictionary<string, SortedSet<string>>> editor in editors)
            {
                JsonValue components = JsonValue.Object();
                foreach (KeyValuePair<string, SortedSet<string>> component in editor.Value)
                {
                    JsonValue fields = JsonValue.Array();
                    foreach (string field in component.Value) { fields.Add(field); }
                    components.With(component.Key, fields);
                }
                json.With(editor.Key, components);
            }
            return json;
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (KeyValuePair<string, SortedDictionary<string, SortedSet<string>>> editor in editors)
            {
                digest.Add(editor.Key);
                foreach (KeyValuePair<string, SortedSet<string>> component in editor.Value)
                {
                    digest.Add(component.Key);
                    foreach (string field in component.Value) { digest.Add(field); }
                }
            }
        }

        void Add(string editor, string component, string field)
        {
            if (!editors.TryGetValue(editor, out SortedDictionary<string, SortedSet<string>> components))
            {
                components = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
                editors.Add(editor, components);
            }
            if (!components.TryGetValue(component, out SortedSet<string> fields))
            {
                components.Add(component, fields = new SortedSet<string>(StringComparer.Ordinal));
            }
            fields.Add(field);
        }
    }
}
