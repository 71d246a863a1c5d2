using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using UnityEngine;
using VibeSync.Core.Json;

namespace VibeSync.Driver
{
    /// <summary>
    /// Records when objects come to another height, and how long frames take. The clock is the system's monotonic one,
    /// as in the other programs of a measurement.
    /// </summary>
    static class Watch
    {
        const int MaxNotes = 200000;

        static readonly List<Transform> Watched = new List<Transform>();
        static readonly List<float> Heights = new List<float>();
        static readonly List<JsonValue> Notes = new List<JsonValue>();
        static readonly List<JsonValue> Frames = new List<JsonValue>();
        static bool isOn;

        internal static void Begin(IEnumerable<Transform> transforms)
        {
            End();
            isOn = true;
            Watched.AddRange(transforms);
            Heights.AddRange(Watched.Select(item => item.localPosition.y));
        }

        /// <summary>
        /// Returns, since <see cref="Begin"/>, each height with its time and the number of objects that came to it in
        /// that frame, and the milliseconds of each frame.
        /// </summary>
        internal static JsonValue End()
        {
            JsonValue found = JsonValue.Object().With("notes", JsonValue.Array(Notes.ToArray()))
                .With("frames", JsonValue.Array(Frames.ToArray()));
            isOn = false;
            Watched.Clear();
            Heights.Clear();
            Notes.Clear();
            Frames.Clear();
            return found;
        }

        /// <summary>Looks at the objects after a frame that began at <paramref name="began"/>.</summary>
        internal static void Look(double began)
        {
            if (!isOn || Math.Max(Notes.Count, Frames.Count) > MaxNotes) { return; }
            double now = Now;
            Frames.Add((now - began) * 1000);
            Dictionary<float, int> counts = new Dictionary<float, int>();
            for (int i = 0; i < Watched.Count; i++)
            {
                float height = Watched[i].localPosition.y;
                if (height == Heights[i]) { continue; }
                Heights[i] = height;
                counts.TryGetValue(height, out int count);
                counts[height] = count + 1;
            }
            foreach (KeyValuePair<float, int> pair in counts) { Notes.Add(JsonValue.Array(pair.Key, now, pair.Value)); }
        }

        /// <summary>Seconds of the system's monotonic clock.</summary>
        internal static double Now => Stopwatch.GetTimestamp() / (double)Stopwatch.Frequency;
    }
}
