using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;

namespace UnityEngine
{
    public enum WeightedMode
    {
        None = 0,
        In = 1,
        Out = 2,
        Both = 3,
    }

    public struct Keyframe
    {
        /// <summary>The modes of both tangents, and whether the sides are free of each other.</summary>
        internal int Left, Right;
        internal bool IsBroken;

        public Keyframe(float time, float value)
            : this(time, value, 0, 0)
        {
        }

        public Keyframe(float time, float value, float inTangent, float outTangent)
        {
            (this.time, this.value, this.inTangent, this.outTangent) = (time, value, inTangent, outTangent);
            (inWeight, outWeight, weightedMode) = (0, 0, WeightedMode.None);
            (Left, Right, IsBroken) = (0, 0, false);
        }

        public Keyframe(float time, float value, float inTangent, float outTangent, float inWeight, float outWeight)
            : this(time, value, inTangent, outTangent)
        {
            (this.inWeight, this.outWeight, weightedMode) = (inWeight, outWeight, WeightedMode.Both);
        }

        public float time { get; set; }

        public float value { get; set; }

        public float inTangent { get; set; }

        public float outTangent { get; set; }

        public float inWeight { get; set; }

        public float outWeight { get; set; }

        public WeightedMode weightedMode { get; set; }
    }

    /// <summary>A list of keys; of two at one time, the first stays.</summary>
    public class AnimationCurve
    {
        internal readonly List<Keyframe> Keys = new List<Keyframe>();

        public AnimationCurve()
        {
        }

        public AnimationCurve(params Keyframe[] keys)
        {
            foreach (Keyframe key in keys.OrderBy(each => each.time)) { AddKey(key); }
        }

        public Keyframe[] keys => Keys.ToArray();

        public int length => Keys.Count;

        public int AddKey(Keyframe key)
        {
            if (Keys.Any(each => each.time == key.time)) { return -1; }
            int at = Keys.Count(each => each.time < key.time);
            Keys.Insert(at, key);
            return at;
        }

        /// <summary>Replaces a key; returns its place, which follows from its time.</summary>
        public int MoveKey(int index, Keyframe key)
        {
            Keys.RemoveAt(index);
            return AddKey(key);
        }

        public void RemoveKey(int index) => Keys.RemoveAt(index);

        internal AnimationCurve Copy() => new AnimationCurve(keys);
    }

    public class Motion : Object
    {
        protected Motion()
        {
        }
    }

    public sealed class AnimationClip : Motion
    {
        internal readonly Dictionary<(string Path, Type Type, string Property), AnimationCurve> Curves =
            new Dictionary<(string, Type, string), AnimationCurve>();
        internal bool IsLooping;

        public float frameRate { get; set; } = 60;

        internal override object Capture() => (name, frameRate, IsLooping,
            Curves.ToDictionary(each => each.Key, each => each.Value.keys));

        internal override void Restore(object state)
        {
            Dictionary<(string, Type, string), Keyframe[]> curves;
            (name, frameRate, IsLooping, curves) =
                ((string, float, bool, Dictionary<(string, Type, string), Keyframe[]>))state;
            Curves.Clear();
            foreach (KeyValuePair<(string, Type, string), Keyframe[]> curve in curves)
            {
                Curves[curve.Key] = new AnimationCurve(curve.Value);
            }
        }

        internal override bool HasSameState(object a, object b) => Write(a).SequenceEqual(Write(b));

        internal void Write(BinaryWriter writer) => Write(writer, Capture());

        internal void ReadFrom(BinaryReader reader)
        {
            (frameRate, IsLooping) = (reader.ReadSingle(), reader.ReadBoolean());
            Curves.Clear();
            for (int count = reader.ReadInt32(); count > 0; count--)
            {
                (string, Type, string) key = (reader.ReadString(), Type.GetType(reader.ReadString(), true), reader.ReadString());
                Curves[key] = new AnimationCurve(Enumerable.Range(0, reader.ReadInt32()).Select(_ => ReadKey(reader)).ToArray());
            }
        }

        static byte[] Write(object state)
        {
            MemoryStream bytes = new MemoryStream();
            using (BinaryWriter writer = new BinaryWriter(bytes)) { Write(writer, state); }
            return bytes.ToArray();
        }

        static void Write(BinaryWriter writer, object state)
        {
            (string _, float rate, bool isLooping, Dictionary<(string Path, Type Type, string Property), Keyframe[]> curves) =
                ((string, float, bool, Dictionary<(string, Type, string), Keyframe[]>))state;
            writer.Write(rate);
            writer.Write(isLooping);
            writer.Write(curves.Count);
            foreach (KeyValuePair<(string Path, Type Type, string Property), Keyframe[]> curve in curves)
            {
                writer.Write(curve.Key.Path);
                writer.Write(curve.Key.Type.AssemblyQualifiedName);
                writer.Write(curve.Key.Property);
                writer.Write(curve.Value.Length);
                foreach (Keyframe key in curve.Value) { WriteKey(writer, key); }
            }
        }

        static void WriteKey(BinaryWriter writer, Keyframe key)
        {
            foreach (float number in new[] { key.time, key.value, key.inTangent, key.outTangent, key.inWeight, key.outWeight })
            {
                writer.Write(number);
            }
            foreach (int number in new[] { (int)key.weightedMode, key.Left, key.Right, key.IsBroken ? 1 : 0 }) { writer.Write(number); }
        }

        static Keyframe ReadKey(BinaryReader reader)
        {
            float[] numbers = Enumerable.Range(0, 6).Select(_ => reader.ReadSingle()).ToArray();
            return new Keyframe(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
            {
                weightedMode = (WeightedMode)reader.ReadInt32(),
                Left = reader.ReadInt32(),
                Right = reader.ReadInt32(),
                IsBroken = reader.ReadInt32() == 1,
            };
        }
    }
}
