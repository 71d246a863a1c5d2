using System.Text;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Collects the lines that a handler logs, as far as they fit.</summary>
    public sealed class OutputText
    {
        const int MaxBytes = 64 << 10;
        const string Cut = "...\n";

        readonly StringBuilder text = new StringBuilder();
        int bytes;
        bool isFull;

        public void Add(string line)
        {
            if (isFull) { return; }
            int size = Encoding.UTF8.GetByteCount(line) + 1;
            isFull = bytes + size > MaxBytes - Cut.Length;
            if (isFull) { text.Append(Cut); }
            else { text.Append(line).Append('\n'); }
            bytes += size;
        }

        public override string ToString() => text.ToString();
    }
}
