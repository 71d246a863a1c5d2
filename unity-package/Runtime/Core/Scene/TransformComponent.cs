using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// Place, rotation and scale, local to the parent; canonical space, meters, quaternion as (x, y, z, w).
    /// </summary>
    public sealed class TransformComponent : Component
    {
        /// <summary>How far a rotation's length may be from 1.</summary>
        const double UnitTolerance = 1e-3;

        /// <summary>Two numbers are equal within this, or the resolution of single precision where that is coarser; see
        /// section 4 of docs/protocol.md.</summary>
        const double Epsilon = 1e-5;

        const double Relative = 1.0 / (1 << 21);

        public TransformComponent(double[] translation, double[] rotation, double[] scale)
        {
            Translation = translation;
            Rotation = rotation;
            Scale = scale;
        }

        public double[] Translation { get; }

        public double[] Rotation { get; }

        public double[] Scale { get; }

        public override string Key => "transform";

        public static TransformComponent Read(JsonValue json, string place)
        {
            double[] rotation = Numbers(json, "rotation", 4, place);
            double length = Math.Sqrt(rotation[0] * rotation[0] + rotation[1] * rotation[1]
                + rotation[2] * rotation[2] + rotation[3] * rotation[3]);
            if (!(Math.Abs(length - 1) <= UnitTolerance))
            {
                throw new SyncException(ErrorCode.NumberInvalid, "a rotation has length 1", place + ".rotation");
            }
            return new TransformComponent(Numbers(json, "translation", 3, place), rotation,
                Numbers(json, "scale", 3, place));
        }

        public override bool IsHeldAs(Component held)
        {
            TransformComponent other = (TransformComponent)held;
            return Close(Translation, other.Translation) && Close(Scale, other.Scale)
                && Math.Min(Apart(Rotation, other.Rotation, 1), Apart(Rotation, other.Rotation, -1)) <= Epsilon;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("translation", Array(Translation)).With("rotation", Array(Rotation))
                .With("scale", Array(Scale));
        }

        protected override void AddTo(ref Digest digest)
        {
            foreach (double value in Translation) { digest.Add(value); }
            foreach (double value in Rotation) { digest.Add(value); }
            foreach (double value in Scale) { digest.Add(value); }
        }

        static bool Close(double[] a, double[] b)
        {
            for (int i = 0; i < a.Length; i++)
            {
                double tolerance = Math.Max(Epsilon, Relative * Math.Max(Math.Abs(a[i]), Math.Abs(b[i])));
                if (!(Math.Abs(a[i] - b[i]) <= tolerance)) { return false; }
            }
            return true;
        }

        /// <summary>Half the angle between two rotations, in radians, where it is small; <paramref name="sign"/>: of the
        /// second, as both mean the same.</summary>
        static double Apart(double[] a, double[] b, int sign)
        {
            double squares = 0;
            for (int i = 0; i < a.Length; i++) { squares += (a[i] - sign * b[i]) * (a[i] - sign * b[i]); }
            return Math.Sqrt(squares);
        }

        static JsonValue Array(double[] values)
        {
            JsonValue array = JsonValue.Array();
            foreach (double value in values) { array.Add(value); }
            return array;
        }

        static double[] Numbers(JsonValue json, string key, int count, string place)
        {
            string spot = place + "." + key;
            List<JsonValue> items = json.Required(key, place).AsArray(spot);
            if (items.Count != count)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "expected " + count + " numbers", spot);
            }
            double[] values = new double[count];
            for (int i = 0; i < count; i++)
            {
                values[i] = items[i].AsNumber(spot);
                // The editor keeps single precision; a value beyond it would become infinite there.
                if (float.IsInfinity((float)values[i]))
                {
                    throw new SyncException(ErrorCode.NumberInvalid, "a number is out of range", spot);
                }
            }
            return values;
        }
    }
}
