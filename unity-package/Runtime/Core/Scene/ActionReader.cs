using System;
using System.Collections.Generic;
using System.Text;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads and checks actions of the wire.</summary>
    public sealed class ActionReader
    {
        /// <summary>The most channels of an action.</summary>
        public const int MaxChannels = 16384;

        const int MaxSlots = 256;
        const double MaxFrame = 1e12;
        const int MaxKeyBytes = 63;

        /// <summary>The paths of each kind of slot, with the number of their components.</summary>
        static readonly Dictionary<string, Dictionary<string, int>> Paths = new Dictionary<string, Dictionary<string, int>>
        {
            [Kinds.Object] = new Dictionary<string, int>
            {
                ["translation"] = 3, ["rotation"] = 4, ["euler"] = 3, ["scale"] = 3, ["visible"] = 1,
            },
            [Kinds.Light] = new Dictionary<string, int> { ["color"] = 3, ["intensity"] = 1, ["range"] = 1, ["outer"] = 1 },
            [Kinds.Camera] = new Dictionary<string, int>
            {
                ["focal"] = 1, ["size"] = 1, ["shift"] = 2, ["near"] = 1, ["far"] = 1, ["focus"] = 1, ["fstop"] = 1,
            },
            [Kinds.Mesh] = new Dictionary<string, int> { ["shape"] = 1 },
        };

        static readonly string[] JointPaths = { "translation", "rotation", "scale" };

        readonly int[] keys;
        readonly float[] numbers, samples;
        readonly string location;
        int keyEnd, sampleEnd, channels;

        ActionReader(byte[] keyBytes, byte[] sampleBytes, string location)
        {
            this.location = location;
            bool isWhole = keyBytes.Length % (ActionComponent.KeyWords * 4) == 0 && sampleBytes.Length % 4 == 0;
            if (!isWhole) { throw MakeError("not the buffers of an action", location + ".buffers"); }
            (keys, numbers) = (LittleEndian.ToInts(keyBytes), LittleEndian.ToFloats(keyBytes));
            samples = LittleEndian.ToFloats(sampleBytes);
        }

        /// <summary>Reads an action. Throws VS-3004, VS-3003, VS-3010 or VS-1006 at the fault.</summary>
        public static ActionComponent Read(JsonValue json, IReadOnlyList<byte[]> attachments, string location)
        {
            JsonValue rate = json.Required("fps", location);
            long[] fps = { ReadRate(rate, "num", location + ".fps"), ReadRate(rate, "den", location + ".fps") };
            double[] range = Numbers.Read(json, "range", 2, location);
            Numbers.Limit(location + ".range", -MaxFrame, MaxFrame, range);
            if (range[0] > range[1])
            {
                throw new SyncException(ErrorCode.NumberInvalid, "the first frame comes before the last", location + ".range");
            }
            bool isLoop = json.Required("loop", location).AsBool(location + ".loop");
            JsonValue buffers = json.Required("buffers", location);
            byte[] keyBytes = ReadBuffer(buffers, ActionComponent.KeysName, attachments, location, out string keysBlob);
            byte[] sampleBytes = ReadBuffer(buffers, ActionComponent.SamplesName, attachments, location, out string samplesBlob);
            if (buffers.AsObject(location).Count != (keyBytes == null ? 0 : 1) + (sampleBytes == null ? 0 : 1))
            {
                throw MakeError("not the buffers of an action", location + ".buffers");
            }
            ActionReader reader = new ActionReader(keyBytes ?? new byte[0], sampleBytes ?? new byte[0], location);
            List<ActionSlot> slots = reader.ReadSlots(json.Required("slots", location));
            return new ActionComponent(fps[0], fps[1], range[0], range[1], isLoop, slots).WithBlobs(keysBlob, samplesBlob);
        }

        /// <summary>Returns the number of components of a path; 0 if entities of the kind have no such path.</summary>
        public static int CountComponents(string kind, string path) =>
            Paths.TryGetValue(kind, out Dictionary<string, int> paths) && paths.TryGetValue(path, out int count) ? count : 0;

        /// <summary>Returns whether a shape key of this name can be named by a channel.</summary>
        public static bool IsKey(string name)
        {
            foreach (char c in name)
            {
                if (char.IsControl(c)) { return false; }
            }
            return name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxKeyBytes;
        }

        List<ActionSlot> ReadSlots(JsonValue json)
        {
            string at = location + ".slots";
            List<JsonValue> items = json.AsArray(at);
            if (items.Count > MaxSlots) { throw MakeError("there are too many slots", at); }
            List<ActionSlot> slots = new List<ActionSlot>();
            foreach (JsonValue item in items)
            {
                ActionSlot slot = ReadSlot(item, at + "[" + slots.Count + "]");
                if (slots.Count > 0 && slots[slots.Count - 1].Id >= slot.Id)
                {
                    throw MakeError("slots are sorted by id, each once", at);
                }
                slots.Add(slot);
            }
            if (keyEnd * ActionComponent.KeyWords != keys.Length || sampleEnd != samples.Length)
            {
                throw MakeError("the channels need other buffers", location + ".buffers");
            }
            return slots;
        }

        ActionSlot ReadSlot(JsonValue json, string at)
        {
            string kind = json.RequiredString("kind", at);
            if (!Paths.ContainsKey(kind)) { throw MakeError("entities of this kind have no animation", at + ".kind"); }
            long id = json.RequiredInteger("id", at);
            if (id > uint.MaxValue) { throw MakeError("a slot has a number of 32 bits", at + ".id"); }
            string list = at + ".channels";
            List<JsonValue> items = json.Required("channels", at).AsArray(list);
            channels += items.Count;
            if (channels > MaxChannels) { throw MakeError("there are too many channels", list); }
            List<ActionChannel> read = new List<ActionChannel>();
            foreach (JsonValue item in items)
            {
                ActionChannel channel = ReadChannel(item, kind, list + "[" + read.Count + "]");
                bool isSorted = read.Count == 0 || read[read.Count - 1].CompareTo(channel) < 0;
                if (!isSorted) { throw MakeError("channels are sorted, each once", list); }
                read.Add(channel);
            }
            return new ActionSlot(id, kind, read);
        }

        ActionChannel ReadChannel(JsonValue json, string kind, string at)
        {
            string path = json.RequiredString("path", at);
            int count = CountComponents(kind, path);
            if (count == 0) { throw MakeError("no such path on entities of this kind", at + ".path"); }
            long component = json.RequiredInteger("component", at);
            if (component >= count) { throw MakeError("the path has fewer components", at + ".component"); }
            ActionChannel channel = new ActionChannel(path, (int)component)
            {
                Joint = ReadOptional(json, "joint", at), Key = ReadOptional(json, "key", at),
            };
            if (channel.Joint != null)
            {
                Uuid.Check(channel.Joint, at + ".joint");
                if (kind != Kinds.Object || Array.IndexOf(JointPaths, path) < 0)
                {
                    throw MakeError("joints have no such path", at + ".joint");
                }
            }
            bool isKeyRight = path == "shape" ? channel.Key != null && IsKey(channel.Key) : channel.Key == null;
            if (!isKeyRight) { throw MakeError("weights of shape keys name a key, and no others do", at + ".key"); }
            List<JsonValue> sides = json.Required("extrapolation", at).AsArray(at + ".extrapolation");
            if (sides.Count != 2) { throw MakeError("not two extrapolations", at + ".extrapolation"); }
            (channel.Before, channel.Behind) = (ReadSide(sides[0], at), ReadSide(sides[1], at));
            ReadCurve(channel, json, at);
            return channel;
        }

        void ReadCurve(ActionChannel channel, JsonValue json, string at)
        {
            bool isLocked = json.Required("locked", at).AsBool(at + ".locked");
            JsonValue curve = json.Required("curve", at);
            at += ".curve";
            long start = curve.RequiredInteger("start", at), count = curve.RequiredInteger("count", at);
            long length = isLocked ? samples.Length : keys.Length / ActionComponent.KeyWords;
            bool isInBuffer = start == (isLocked ? sampleEnd : keyEnd) && count > 0 && count <= length - start;
            if (!isInBuffer) { throw MakeError("the curve is not in its buffer", at); }
            if (isLocked)
            {
                channel.Samples = new float[count];
                Array.Copy(samples, start, channel.Samples, 0, count);
                foreach (float number in channel.Samples) { CheckFinite(number, at); }
                sampleEnd += (int)count;
                return;
            }
            channel.Keys = new CurveKey[count];
            for (int i = 0; i < count; i++)
            {
                channel.Keys[i] = ReadKey(at);
                if (i > 0 && !(channel.Keys[i].Time > channel.Keys[i - 1].Time))
                {
                    throw new SyncException(ErrorCode.NumberInvalid, "each key is later than the one before", at);
                }
            }
        }

        CurveKey ReadKey(string at)
        {
            int first = keyEnd++ * ActionComponent.KeyWords;
            for (int i = first; i < first + ActionComponent.KeyWords - 1; i++) { CheckFinite(numbers[i], at); }
            uint kind = (uint)keys[first + ActionComponent.KeyWords - 1];
            if (kind > (uint)Interpolation.Bezier) { throw MakeError("an unknown interpolation", at); }
            return new CurveKey
            {
                Time = numbers[first],
                Value = numbers[first + 1],
                InTime = numbers[first + 2],
                InValue = numbers[first + 3],
                OutTime = numbers[first + 4],
                OutValue = numbers[first + 5],
                Interpolation = (Interpolation)kind,
            };
        }

        static void CheckFinite(float number, string at)
        {
            if (!float.IsNaN(number) && !float.IsInfinity(number)) { return; }
            throw new SyncException(ErrorCode.NumberInvalid, "a number is not finite", at);
        }

        static string ReadSide(JsonValue json, string at)
        {
            string side = json.AsString(at + ".extrapolation");
            if (side == ActionChannel.Constant || side == ActionChannel.Linear) { return side; }
            throw new SyncException(ErrorCode.MessageMalformed, "unknown extrapolation " + side, at + ".extrapolation");
        }

        static string ReadOptional(JsonValue json, string key, string at)
        {
            JsonValue value = json.Find(key);
            return value == null || value.IsNull ? null : value.AsString(at + "." + key);
        }

        static long ReadRate(JsonValue json, string key, string at)
        {
            long number = json.RequiredInteger(key, at);
            if (number > 0 && number <= uint.MaxValue) { return number; }
            throw new SyncException(ErrorCode.NumberInvalid, "a rate is above zero", at);
        }

        static byte[] ReadBuffer(JsonValue buffers, string name, IReadOnlyList<byte[]> attachments, string location,
            out string blob)
        {
            blob = null;
            string at = location + ".buffers." + name;
            JsonValue buffer = buffers.Find(name);
            if (buffer == null) { return null; }
            JsonValue number = buffer.Find("attachment");
            if (number == null || number.IsNull)
            {
                throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message", at);
            }
            long place = number.AsInteger(at + ".attachment");
            if (place >= attachments.Count) { throw MakeError("no such attachment", at); }
            byte[] bytes = attachments[(int)place];
            if (buffer.RequiredInteger("bytes", at) != bytes.Length) { throw MakeError("the buffer has another size", at); }
            blob = ReadOptional(buffer, "blob", at);
            return bytes;
        }

        static SyncException MakeError(string message, string location) =>
            new SyncException(ErrorCode.ComponentInvalid, message, location);
    }
}
