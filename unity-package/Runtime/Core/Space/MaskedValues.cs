namespace VibeSync.Core.Space
{
    /// <summary>The values that a material has without its mask map, as the map says them, by the numbers of <see cref="MaskRemaps"/>.</summary>
    public sealed class MaskedValues
    {
        readonly double?[] constants = new double?[MaskRemaps.Count];
        readonly bool[] areKept = new bool[MaskRemaps.Count];

        /// <summary>Notes that a value is the kept one.</summary>
        public void Keep(int value) => areKept[value] = true;

        /// <summary>Notes that a value is the same for each pixel.</summary>
        public void Set(int value, double constant) => constants[value] = constant;

        /// <summary>Returns a value.</summary>
        /// <param name="read">The number that the material has.</param>
        public double Find(int value, double read, double kept) => constants[value] ?? (areKept[value] ? kept : read);
    }
}
