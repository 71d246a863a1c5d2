namespace VibeSync.Core.Scene
{
    /// <summary>
    /// Computes a 64-bit digest that shows whether a component changed since it was last synchronized. The digest stays
    /// in the editor and need not resist attackers, so speed counts: one multiplication a word.
    /// </summary>
    public struct Digest
    {
        const ulong Prime = 0x9E3779B97F4A7C15;

        ulong state;

        public ulong Value
        {
            get
            {
                ulong mixed = state ^ state >> 32;
                mixed *= 0xD6E8FEB86659FD93;
                return mixed ^ mixed >> 32;
            }
        }

        public void Add(uint word)
        {
            state = (state ^ word) * Prime;
            state ^= state >> 29;
        }

        /// <summary>Adds a number in single precision, which is the precision of the editor.</summary>
        public void Add(double number)
        {
            Bits bits = default;
            bits.Number = (float)number + 0f;
            Add(bits.Word);
        }

        public void Add(float[] numbers)
        {
            Add((uint)numbers.Length);
            Add(numbers, 0, numbers.Length);
        }

        /// <summary>Adds some of the numbers.</summary>
        public void Add(float[] numbers, int first, int count)
        {
            // A local copy stays in a register.
            Digest own = this;
            Bits bits = default;
            for (int i = first; i < first + count; i++)
            {
                bits.Number = numbers[i] + 0f;
                own.Add(bits.Word);
            }
            this = own;
        }

        /// <summary>Adds the three numbers of each row that some elements of <paramref name="rows"/> name, in order.</summary>
        public void Add(float[] triples, int[] rows, int first, int count)
        {
            Digest own = this;
            Bits bits = default;
            for (int i = first; i < first + count; i++)
            {
                int at = rows[i] * 3;
                bits.Number = triples[at] + 0f;
                own.Add(bits.Word);
                bits.Number = triples[at + 1] + 0f;
                own.Add(bits.Word);
                bits.Number = triples[at + 2] + 0f;
                own.Add(bits.Word);
            }
            this = own;
        }

        public void Add(string text)
        {
            string value = text ?? "\0";
            Add((uint)value.Length);
            foreach (char c in value) { Add((uint)c); }
        }

        [System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
        struct Bits
        {
            [System.Runtime.InteropServices.FieldOffset(0)] public float Number;
            [System.Runtime.InteropServices.FieldOffset(0)] public uint Word;
        }
    }
}
