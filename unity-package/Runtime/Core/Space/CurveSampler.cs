using System;
using VibeSync.Core.Scene;

namespace VibeSync.Core.Space
{
    /// <summary>Computes the values of canonical curves between their keys, as Blender does.</summary>
    public static class CurveSampler
    {
        /// <summary>The most frames of a curve that is shown frame by frame.</summary>
        const int MaxSamples = 100000;

        /// <summary>The number of halvings that find a time to within single precision.</summary>
        const int Halvings = 40;

        /// <summary>Returns the values at whole frames, from <paramref name="first"/> to the end of the keys.</summary>
        public static float[] ReadFrames(CurveKey[] keys, out double first)
        {
            first = Math.Floor(keys[0].Time);
            double last = Math.Ceiling(keys[keys.Length - 1].Time);
            float[] samples = new float[(int)Math.Min(last - first + 1, MaxSamples)];
            int segment = 0;
            for (int i = 0; i < samples.Length; i++)
            {
                double frame = first + i;
                while (segment + 2 < keys.Length && keys[segment + 1].Time <= frame) { segment++; }
                samples[i] = (float)Evaluate(keys, segment, frame);
            }
            return samples;
        }

        static double Evaluate(CurveKey[] keys, int at, double frame)
        {
            CurveKey from = keys[at];
            if (frame <= from.Time || at + 1 == keys.Length) { return from.Value; }
            CurveKey to = keys[at + 1];
            if (frame >= to.Time) { return to.Value; }
            double length = (double)to.Time - from.Time, part = (frame - from.Time) / length;
            switch (from.Interpolation)
            {
                case Interpolation.Constant: return from.Value;
                case Interpolation.Linear: return from.Value + part * ((double)to.Value - from.Value);
                default: break;
            }
            (double run, double ascent) = Shorten((double)from.OutTime - from.Time, (double)from.OutValue - from.Value, length);
            (double runIn, double ascentIn) = Shorten((double)to.Time - to.InTime, (double)to.Value - to.InValue, length);
            double low = 0, high = 1;
            for (int i = 0; i < Halvings; i++)
            {
                double middle = (low + high) / 2;
                if (Cubic(0, run, length - runIn, length, middle) < frame - from.Time) { low = middle; }
                else { high = middle; }
            }
            return Cubic(from.Value, from.Value + ascent, to.Value - ascentIn, to.Value, low);
        }

        /// <summary>Shortens a handle to its segment, along its direction.</summary>
        static (double Run, double Ascent) Shorten(double run, double ascent, double length)
        {
            double factor = Math.Abs(run) > length ? length / Math.Abs(run) : 1;
            return (run * factor, ascent * factor);
        }

        static double Cubic(double a, double b, double c, double d, double at)
        {
            double left = 1 - at;
            return left * left * left * a + 3 * left * left * at * b + 3 * left * at * at * c + at * at * at * d;
        }
    }
}
