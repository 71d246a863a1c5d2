using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Wire
{
    /// <summary>
    /// Splits a stream of bytes, received in any pieces, into frames. Checks lengths before it allocates memory. Throws
    /// at the first broken frame; the connection must then be closed.
    /// </summary>
    public sealed class FrameDecoder
    {
        readonly byte[] prefix = new byte[8];
        int prefixFilled;
        byte[] part;
        int partFilled;
        long bodyLength;
        JsonValue header;
        List<byte[]> attachments;
        int next;

        /// <summary>The limits of the session. The frame limit is lower until the handshake is done.</summary>
        public Limits Limits { get; set; } = new Limits();

        public bool IsHandshakeDone { get; set; }

        /// <summary>Whether the stream may end here without cutting a frame.</summary>
        public bool IsAtBoundary => prefixFilled == 0;

        /// <summary>Reads bytes and adds each complete frame to <paramref name="frames"/>.</summary>
        public void Push(byte[] bytes, int offset, int count, ICollection<Frame> frames)
        {
            int end = offset + count;
            while (offset < end)
            {
                bool isPrefix = part == null;
                byte[] target = isPrefix ? prefix : part;
                int filled = isPrefix ? prefixFilled : partFilled;
                int taken = Math.Min(target.Length - filled, end - offset);
                Buffer.BlockCopy(bytes, offset, target, filled, taken);
                offset += taken;
                if (isPrefix) { prefixFilled += taken; }
                else { partFilled += taken; }
                if (isPrefix && prefixFilled >= 4) { CheckLength(); }
                if (isPrefix && prefixFilled == 8) { BeginBody(); }
                while (part != null && partFilled == part.Length) { EndPart(frames); }
            }
        }

        void CheckLength()
        {
            uint length = ReadUInt32(0);
            long limit = IsHandshakeDone ? Limits.MaxFrameBytes : Limits.HandshakeFrameBytes;
            if (length > limit)
            {
                throw new SyncException(ErrorCode.FrameTooLong, "a frame is longer than " + limit + " bytes");
            }
            if (length < 4)
            {
                throw new SyncException(ErrorCode.FrameTruncated, "a frame is shorter than its own prefix");
            }
        }

        void BeginBody()
        {
            bodyLength = ReadUInt32(0) - 4L;
            long headerLength = ReadUInt32(4);
            if (headerLength > bodyLength || headerLength > Limits.MaxHeaderBytes)
            {
                throw new SyncException(ErrorCode.HeaderInvalid, "a header is longer than allowed");
            }
            header = null;
            part = new byte[headerLength];
            partFilled = 0;
        }

        /// <summary>Reads a header that is complete, or goes on to the next attachment. Adds a frame that is.</summary>
        void EndPart(ICollection<Frame> frames)
        {
            if (header == null)
            {
                header = JsonReader.Read(part, 0, part.Length);
                if (header.Kind != JsonKind.Object)
                {
                    throw new SyncException(ErrorCode.HeaderInvalid, "a header is not an object");
                }
                attachments = Allocate(header.Find("attachments"), bodyLength - part.Length);
                next = 0;
            }
            if (next < attachments.Count)
            {
                part = attachments[next++];
                partFilled = 0;
                return;
            }
            frames.Add(new Frame(header, attachments));
            part = null;
            prefixFilled = 0;
        }

        /// <summary>Returns an array for each attachment, which the bytes fill without another copy.</summary>
        List<byte[]> Allocate(JsonValue lengths, long total)
        {
            List<long> sizes = lengths == null ? new List<long>() : ReadSizes(lengths);
            if (sizes.Count > Limits.MaxAttachments) { throw MakeAttachmentsError(); }
            foreach (long size in sizes)
            {
                if (size > total) { throw MakeAttachmentsError(); }
                total -= size;
            }
            return total == 0 ? sizes.ConvertAll(size => new byte[size]) : throw MakeAttachmentsError();
        }

        static List<long> ReadSizes(JsonValue lengths)
        {
            List<long> sizes = new List<long>();
            try
            {
                foreach (JsonValue item in lengths.AsArray("attachments")) { sizes.Add(item.AsInteger("attachments")); }
            }
            catch (SyncException error)
            {
                throw new SyncException(ErrorCode.HeaderInvalid, error.Message, error.Location);
            }
            return sizes;
        }

        static SyncException MakeAttachmentsError()
        {
            return new SyncException(ErrorCode.AttachmentsInvalid, "the attachments do not add up", "attachments");
        }

        uint ReadUInt32(int at)
        {
            return (uint)prefix[at] << 24 | (uint)prefix[at + 1] << 16 | (uint)prefix[at + 2] << 8 | prefix[at + 3];
        }
    }
}
