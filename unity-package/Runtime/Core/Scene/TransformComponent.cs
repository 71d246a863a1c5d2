using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>
    /// Translation, rotation and scale, local to the parent, in canonical space: meters and a quaternion (x, y, z, w).
    /// </summary>
    public sealed class TransformComponent : Component
    {
        /// <summary>The largest allowed difference of a rotation's length from 1.</summary>
        const double UnitTolerance = 1e-3;

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

        public static TransformComponent Read(JsonValue json, string location)
        {
            double[] rotation = Numbers.Read(json, "rotation", 4, location);
            double length = Math.Sqrt(rotation[0] * rotation[0] + rotation[1] * rotation[1]
                + rotation[2] * rotation[2] + rotation[3] * rotation[3]);
            if (!(Math.Abs(length - 1) <= UnitTolerance))
            {
                throw new SyncException(ErrorCode.NumberInvalid, "a rotation has length 1", location + ".rotation");
            }
            return new TransformComponent(Numbers.Read(json, "translation", 3, location), rotation,
                Numbers.Read(json, "scale", 3, location));
        }

        public override bool Matches(Component readBack)
        {
            TransformComponent other = (TransformComponent)readBack;
            return AreClose(Translation, other.Translation) && AreClose(Scale, other.Scale)
                && Math.Min(HalfAngle(Rotation, other.Rotation, 1), HalfAngle(Rotation, other.Rotation, -1)) <= Epsilon;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            return JsonValue.Object().With("translation", Numbers.Write(Translation))
                .With("rotation", Numbers.Write(Rotation))
                .With("scale", Numbers.Write(Scale));
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (double value in Translation) { digest.Add(value); }
            foreach (double value in Rotation) { digest.Add(value); }
            foreach (double value in Scale) { digest.Add(value); }
        }

        /// <summary>Returns half the angle between two rotations in radians, if it is small.</summary>
        /// <param name="sign">The sign of the second rotation; both signs are the same rotation.</param>
        static double HalfAngle(double[] a, double[] b, int sign)
        {
            double squares = 0;
            for (int i = 0; i < a.Length; i++) { squares += (a[i] - sign * b[i]) * (a[i] - sign * b[i]); }
            return Math.Sqrt(squares);
        }
    }
}
