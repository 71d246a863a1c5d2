using System.Collections.Generic;
using System.Threading.Tasks;
using VibeSync.Core.Scene;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>An intent that the daemon has not answered, exactly as it was first sent.</summary>
    public sealed class OutgoingIntent
    {
        Task<byte[]> encoding;
        readonly HashSet<string> uuids = new HashSet<string>();

        public OutgoingIntent(string operationId, Task<byte[]> encoding, List<Change> changes)
        {
            OperationId = operationId;
            this.encoding = encoding;
            Changes = changes;
            foreach (Change change in changes) { uuids.Add(change.Uuid); }
        }

        public string OperationId { get; }

        /// <summary>Whether <see cref="Bytes"/> returns without waiting.</summary>
        public bool IsReady => encoding.IsCompleted;

        public byte[] Bytes => encoding.GetAwaiter().GetResult();

        public List<Change> Changes { get; }

        /// <summary>Whether the present connection has sent it.</summary>
        public bool IsSent { get; set; }

        /// <summary>Whether listeners know that it was sent; repeated attempts are not reported.</summary>
        public bool IsReported { get; set; }

        /// <summary>
        /// Entities that a batch overwrote after this intent was captured; the daemon must resend them.
        /// </summary>
        public HashSet<string> Overwritten { get; } = new HashSet<string>();

        /// <summary>The earliest time to send it, in seconds of the session's clock.</summary>
        public double NotBefore { get; set; }

        /// <summary>Lowers its `base_seq`; the content and the operation id stay.</summary>
        public void LimitBaseSeq(long seq)
        {
            Frame frame = Decode(Bytes);
            if (frame.Header.RequiredInteger("base_seq", "") <= seq) { return; }
            encoding = Task.FromResult(new Frame(frame.Header.With("base_seq", seq), frame.Attachments).Encode());
        }

        /// <summary>Returns the frame of an encoded intent.</summary>
        public static Frame Decode(byte[] bytes)
        {
            List<Frame> frames = new List<Frame>();
            new FrameDecoder { IsHandshakeDone = true }.Push(bytes, 0, bytes.Length, frames);
            return frames[0];
        }

        /// <summary>Returns whether one of its changes is of that entity.</summary>
        public bool HasChangeOf(string uuid) => uuids.Contains(uuid);
    }
}
