using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>An action: curves by slot and channel. Times are frames, values are those of canonical space.</summary>
    public sealed class ActionComponent : Component
    {
        public const string Name = "action";

        internal const string KeysName = "keys";
        internal const string SamplesName = "samples";

        /// <summary>The 4-byte words of a key.</summary>
        internal const int KeyWords = 7;

        string keysBlob, samplesBlob;

        /// <param name="first">The first frame.</param>
        /// <param name="last">The last frame.</param>
        public ActionComponent(long rateFrames, long rateSeconds, double first, double last, bool isLoop,
            IReadOnlyList<ActionSlot> slots)
        {
            RateFrames = rateFrames;
            RateSeconds = rateSeconds;
            First = first;
            Last = last;
            IsLoop = isLoop;
            Slots = slots;
        }

        /// <summary>The rate of frames as a fraction: so many frames in so many seconds.</summary>
        public long RateFrames { get; }
        public long RateSeconds { get; }

        /// <summary>The first and the last frame.</summary>
        public double First { get; }
        public double Last { get; }

        /// <summary>Whether it starts over at its end.</summary>
        public bool IsLoop { get; }

        public IReadOnlyList<ActionSlot> Slots { get; }

        /// <summary>The frames in a second.</summary>
        public double FrameRate => (double)RateFrames / RateSeconds;

        public override string Key => Name;

        /// <summary>The number of bytes of the buffers.</summary>
        public long Bytes
        {
            get
            {
                (int keys, int samples) = CountWords();
                return (keys + samples) * 4L;
            }
        }

        /// <summary>Returns the same action, whose buffers are written with their bytes.</summary>
        public ActionComponent WithoutBlobs() => ((ActionComponent)MemberwiseClone()).WithBlobs(null, null);

        internal ActionComponent WithBlobs(string keys, string samples)
        {
            (keysBlob, samplesBlob) = (keys, samples);
            return this;
        }

        /// <summary>
        /// Returns this action as it came, for the answer to its batch, if the editor holds exactly it: the daemon has the
        /// bytes.
        /// </summary>
        public ActionComponent Answer(ActionComponent readBack) => Digest() == readBack.Digest() ? this : readBack;

        public override bool Matches(Component readBack)
        {
            if (!(readBack is ActionComponent other)) { return false; }
            bool isSame = (RateFrames, RateSeconds, IsLoop) == (other.RateFrames, other.RateSeconds, other.IsLoop)
                && Math.Abs(First - other.First) <= ActionChannel.TimeEpsilon && Math.Abs(Last - other.Last) <= ActionChannel.TimeEpsilon
                && Slots.Count == other.Slots.Count;
            for (int i = 0; isSame && i < Slots.Count; i++) { isSame = AreSame(Slots[i], other.Slots[i]); }
            return isSame;
        }

        static bool AreSame(ActionSlot a, ActionSlot b)
        {
            if (a.Id != b.Id || a.Kind != b.Kind || a.Channels.Count != b.Channels.Count) { return false; }
            for (int i = 0; i < a.Channels.Count; i++)
            {
                if (!a.Channels[i].IsSame(b.Channels[i], AreClose)) { return false; }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            (int keyWords, int sampleWords) = CountWords();
            float[] keys = new float[keyWords], samples = new float[sampleWords];
            int[] kinds = new int[keyWords / KeyWords];
            int key = 0, sample = 0;
            JsonValue slots = JsonValue.Array();
            foreach (ActionSlot slot in Slots)
            {
                JsonValue channels = JsonValue.Array();
                foreach (ActionChannel channel in slot.Channels)
                {
                    channels.Add(channel.ToJson(channel.IsLocked ? sample : key));
                    if (channel.IsLocked)
                    {
                        channel.Samples.CopyTo(samples, sample);
                        sample += channel.Samples.Length;
                        continue;
                    }
                    foreach (CurveKey each in channel.Keys)
                    {
                        ActionChannel.Numbers(each).CopyTo(keys, key * KeyWords);
                        kinds[key++] = (int)each.Interpolation;
                    }
                }
                slots.Add(JsonValue.Object().With("id", slot.Id).With("kind", slot.Kind).With("channels", channels));
            }
            JsonValue buffers = JsonValue.Object();
            if (keys.Length > 0) { buffers.With(KeysName, WriteBuffer(keysBlob, Pack(keys, kinds), attachments)); }
            if (samples.Length > 0)
            {
                buffers.With(SamplesName, WriteBuffer(samplesBlob, LittleEndian.ToBytes(samples), attachments));
            }
            return JsonValue.Object().With("fps", JsonValue.Object().With("num", RateFrames).With("den", RateSeconds))
                .With("range", JsonValue.Array(First, Last)).With("loop", IsLoop).With("slots", slots).With("buffers", buffers);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (long number in new[] { RateFrames, RateSeconds, IsLoop ? 1 : 0, Slots.Count }) { digest.Add((uint)number); }
            digest.Add(First);
            digest.Add(Last);
            foreach (ActionSlot slot in Slots)
            {
                digest.Add((uint)slot.Id);
                digest.Add(slot.Kind);
                digest.Add((uint)slot.Channels.Count);
                foreach (ActionChannel channel in slot.Channels) { channel.AddToDigest(ref digest); }
            }
        }

        (int Keys, int Samples) CountWords()
        {
            int keys = 0, samples = 0;
            foreach (ActionSlot slot in Slots)
            {
                foreach (ActionChannel channel in slot.Channels)
                {
                    if (channel.IsLocked) { samples += channel.Count; }
                    else { keys += channel.Count * KeyWords; }
                }
            }
            return (keys, samples);
        }

        static byte[] Pack(float[] numbers, int[] kinds)
        {
            byte[] bytes = LittleEndian.ToBytes(numbers);
            byte[] packed = LittleEndian.ToBytes(kinds);
            for (int i = 0; i < kinds.Length; i++) { Buffer.BlockCopy(packed, i * 4, bytes, (i * KeyWords + KeyWords - 1) * 4, 4); }
            return bytes;
        }

        static JsonValue WriteBuffer(string blob, byte[] bytes, List<byte[]> attachments)
        {
            JsonValue buffer = JsonValue.Object();
            if (blob != null) { return buffer.With("blob", blob).With("bytes", bytes.Length); }
            buffer.With("attachment", attachments.Count).With("bytes", bytes.Length);
            attachments.Add(bytes);
            return buffer;
        }
    }
}
