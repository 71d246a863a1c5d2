using System;
using System.Collections.Generic;
using System.Text;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>One number that an action changes over time: by keys, or by its values at whole frames if it is locked.</summary>
    public sealed class ActionChannel
    {
        public const string Constant = "constant";
        public const string Linear = "linear";

        /// <summary>The largest difference of equal times, in frames.</summary>
        public const double TimeEpsilon = 1e-3;

        public ActionChannel(string path, int component, string key, CurveKey[] keys)
        {
            Path = path;
            Component = component;
            Key = key;
            Keys = keys;
        }

        internal ActionChannel(string path, int component)
            : this(path, component, null, null)
        {
        }

        /// <summary>The value that the number belongs to, such as `translation`.</summary>
        public string Path { get; }

        /// <summary>The place of the number in the value.</summary>
        public int Component { get; }

        /// <summary>The shape key whose weight it is; null for all other paths.</summary>
        public string Key { get; internal set; }

        /// <summary>The uuid of the joint that has the value; null for the entity itself.</summary>
        public string Joint { get; internal set; }

        /// <summary>The form of the curve before the first key and behind the last one.</summary>
        public string Before { get; internal set; } = Constant;
        public string Behind { get; internal set; } = Constant;

        /// <summary>The keys, in ascending order of their times; null if the channel is locked.</summary>
        public CurveKey[] Keys { get; internal set; }

        /// <summary>
        /// The values at whole frames, from the one at or before the first frame of the action on; null unless it is locked.
        /// </summary>
        public float[] Samples { get; internal set; }

        /// <summary>Whether Blender alone has the form of the curve and may change it.</summary>
        public bool IsLocked => Samples != null;

        internal int Count => IsLocked ? Samples.Length : Keys.Length;

        /// <summary>Returns the same channel with other keys.</summary>
        public ActionChannel WithKeys(CurveKey[] keys)
        {
            ActionChannel copy = (ActionChannel)MemberwiseClone();
            copy.Keys = keys;
            return copy;
        }

        /// <summary>Orders the channels of a slot as the wire does: by path, joint, key and component.</summary>
        public int CompareTo(ActionChannel other)
        {
            int order = string.CompareOrdinal(Path, other.Path);
            if (order == 0) { order = string.CompareOrdinal(Joint ?? "", other.Joint ?? ""); }
            if (order == 0) { order = CompareText(Key ?? "", other.Key ?? ""); }
            return order == 0 ? Component.CompareTo(other.Component) : order;
        }

        /// <summary>Compares by the bytes of UTF-8, whose order differs from that of UTF-16.</summary>
        static int CompareText(string a, string b)
        {
            byte[] first = Encoding.UTF8.GetBytes(a), second = Encoding.UTF8.GetBytes(b);
            for (int i = 0; i < first.Length && i < second.Length; i++)
            {
                if (first[i] != second[i]) { return first[i].CompareTo(second[i]); }
            }
            return first.Length.CompareTo(second.Length);
        }

        /// <summary>Returns the form on the wire of all but the numbers.</summary>
        /// <param name="start">The place of its first key or sample in the buffer.</param>
        internal JsonValue ToJson(int start)
        {
            JsonValue json = JsonValue.Object().With("path", Path).With("component", Component);
            if (Joint != null) { json.With("joint", Joint); }
            if (Key != null) { json.With("key", Key); }
            return json.With("extrapolation", JsonValue.Array(Before, Behind)).With("locked", IsLocked)
                .With("curve", JsonValue.Object().With("start", start).With("count", Count));
        }

        internal void AddToDigest(ref Digest digest)
        {
            foreach (string text in new[] { Path, Joint, Key, Before, Behind }) { digest.Add(text); }
            digest.Add((uint)Component);
            digest.Add((uint)Count);
            if (IsLocked)
            {
                digest.Add(Samples);
                return;
            }
            foreach (CurveKey key in Keys)
            {
                foreach (float number in Numbers(key)) { digest.Add((double)number); }
                digest.Add((uint)key.Interpolation);
            }
        }

        /// <summary>Returns whether both have the same curve: times within a thousandth of a frame, values nearly.</summary>
        internal bool IsSame(ActionChannel other, Func<double, double, bool> areClose)
        {
            if (CompareTo(other) != 0 || IsLocked != other.IsLocked || Count != other.Count) { return false; }
            if (Before != other.Before || Behind != other.Behind) { return false; }
            for (int i = 0; i < Count; i++)
            {
                bool isSame = IsLocked ? areClose(Samples[i], other.Samples[i]) : AreSame(Keys[i], other.Keys[i], areClose);
                if (!isSame) { return false; }
            }
            return true;
        }

        static bool AreSame(in CurveKey a, in CurveKey b, Func<double, double, bool> areClose)
        {
            float[] first = Numbers(a), second = Numbers(b);
            for (int i = 0; i < first.Length; i++)
            {
                bool isTime = i % 2 == 0;
                bool isSame = isTime ? Math.Abs(first[i] - second[i]) <= TimeEpsilon : areClose(first[i], second[i]);
                if (!isSame) { return false; }
            }
            return a.Interpolation == b.Interpolation;
        }

        /// <summary>Returns the numbers of a key in the order of the wire.</summary>
        internal static float[] Numbers(in CurveKey key) =>
            new[] { key.Time, key.Value, key.InTime, key.InValue, key.OutTime, key.OutValue };
    }

    /// <summary>The channels of an action for one kind of entities, in their order on the wire.</summary>
    public sealed class ActionSlot
    {
        public ActionSlot(long id, string kind, IReadOnlyList<ActionChannel> channels)
        {
            Id = id;
            Kind = kind;
            Channels = channels;
        }

        public long Id { get; }

        /// <summary>The kind of the entities that play it.</summary>
        public string Kind { get; }

        public IReadOnlyList<ActionChannel> Channels { get; }
    }
}
