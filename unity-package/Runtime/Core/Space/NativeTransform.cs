using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>
    /// Position, rotation and scale relative to the object above, in Unity's space and precision: meters and a quaternion.
    /// </summary>
    public struct NativeTransform
    {
        public float X, Y, Z;

        public float TurnX, TurnY, TurnZ, TurnW;

        public float ScaleX, ScaleY, ScaleZ;

        /// <summary>The axes that the numbers are about.</summary>
        public LocalFrame Frame;

        /// <summary>Converts from canonical space.</summary>
        public static NativeTransform From(TransformComponent value, LocalFrame frame)
        {
            float[] position = Coordinates.Vector(
                (float)value.Translation[0], (float)value.Translation[1], (float)value.Translation[2]);
            float[] rotation = Coordinates.Rotation((float)value.Rotation[0], (float)value.Rotation[1],
                (float)value.Rotation[2], (float)value.Rotation[3]);
            frame.Turn(position, rotation);
            return new NativeTransform
            {
                X = position[0],
                Y = position[1],
                Z = position[2],
                TurnX = rotation[0],
                TurnY = rotation[1],
                TurnZ = rotation[2],
                TurnW = rotation[3],
                ScaleX = (float)value.Scale[0],
                ScaleY = (float)value.Scale[1],
                ScaleZ = (float)value.Scale[2],
                Frame = frame,
            };
        }

        /// <summary>Converts to canonical space.</summary>
        public TransformComponent ToComponent()
        {
            float[] position = { X, Y, Z };
            float[] rotation = { TurnX, TurnY, TurnZ, TurnW };
            Frame.TurnBack(position, rotation);
            return new TransformComponent(Doubles(Coordinates.Vector(position[0], position[1], position[2])),
                Doubles(Coordinates.Rotation(rotation[0], rotation[1], rotation[2], rotation[3])),
                Doubles(ScaleX, ScaleY, ScaleZ));
        }

        /// <summary>Returns the same place in canonical space, by the numbers of other axes.</summary>
        public NativeTransform In(LocalFrame other) => Frame.Equals(other) ? this : From(ToComponent(), other);

        /// <summary>Returns whether all numbers and the axes are the same.</summary>
        public bool IsSame(in NativeTransform other)
        {
            // Equals, because a number that is none is the same as itself here.
            return X.Equals(other.X) && Y.Equals(other.Y) && Z.Equals(other.Z) && TurnX.Equals(other.TurnX)
                && TurnY.Equals(other.TurnY) && TurnZ.Equals(other.TurnZ) && TurnW.Equals(other.TurnW)
                && ScaleX.Equals(other.ScaleX) && ScaleY.Equals(other.ScaleY) && ScaleZ.Equals(other.ScaleZ)
                && Frame.Equals(other.Frame);
        }

        /// <summary>
        /// Returns these numbers, and those of <paramref name="before"/> for each one that is still as
        /// <paramref name="shown"/>: Unity undoes and records each number of a transform by itself.
        /// </summary>
        public NativeTransform Without(in NativeTransform shown, in NativeTransform before) => new NativeTransform
        {
            X = Pick(X, shown.X, before.X),
            Y = Pick(Y, shown.Y, before.Y),
            Z = Pick(Z, shown.Z, before.Z),
            TurnX = Pick(TurnX, shown.TurnX, before.TurnX),
            TurnY = Pick(TurnY, shown.TurnY, before.TurnY),
            TurnZ = Pick(TurnZ, shown.TurnZ, before.TurnZ),
            TurnW = Pick(TurnW, shown.TurnW, before.TurnW),
            ScaleX = Pick(ScaleX, shown.ScaleX, before.ScaleX),
            ScaleY = Pick(ScaleY, shown.ScaleY, before.ScaleY),
            ScaleZ = Pick(ScaleZ, shown.ScaleZ, before.ScaleZ),
            Frame = Frame,
        };

        static float Pick(float present, float shown, float before) => present.Equals(shown) ? before : present;

        static double[] Doubles(params float[] values)
        {
            double[] doubles = new double[values.Length];
            for (int i = 0; i < values.Length; i++) { doubles[i] = values[i]; }
            return doubles;
        }
    }
}
