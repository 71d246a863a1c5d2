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
        byte[] body;
        int bodyFilled;
        int headerLength;

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
                if (body == null)
                {
                    int part = Math.Min(8 - prefixFilled, end - offset);
                    Buffer.BlockCopy(bytes, offset, prefix, prefixFilled, part);
                    prefixFilled += part;
                    offset += part;
                    if (prefixFilled >= 4) { CheckLength(); }
                    if (prefixFilled == 8) { BeginBody(); }
                }
                else
                {
                    int part = Math.Min(body.Length - bodyFilled, end - offset);
                    Buffer.BlockCopy(bytes, offset, body, bodyFilled, part);
                    bodyFilled += part;
                    offset += part;
                }
                if (body != null && bodyFilled == body.Length) { frames.Add(ReadFrame()); }
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
            long length = ReadUInt32(0);
            long header = ReadUInt32(4);
            if (header > length - 4 || header > Limits.MaxHeaderBytes)
            {
                throw new SyncException(ErrorCode.HeaderInvalid, "a header is longer than allowed");
            }
            headerLength = (int)header;
            body = new byte[length - 4];
            bodyFilled = 0;
        }

        Frame ReadFrame()
        {
            JsonValue header = JsonReader.Read(body, 0, headerLength);
            if (header.Kind != JsonKind.Object)
            {
                throw new SyncException(ErrorCode.HeaderInvalid, "a header is not an object");
            }
            Frame frame = new Frame(header, Split(header.Find("attachments")));
            body = null;
            prefixFilled = 0;
            return frame;
        }

        List<byte[]> Split(JsonValue lengths)
        {
            List<byte[]> attachments = new List<byte[]>();
            long at = headerLength;
            if (lengths != null)
            {
                List<long> sizes = ReadSizes(lengths);
                if (sizes.Count > Limits.MaxAttachments) { throw MakeAttachmentsError(); }
                foreach (long length in sizes)
                {
                    if (length > body.Length - at) { throw MakeAttachmentsError(); }
                    byte[] attachment = new byte[length];
                    Buffer.BlockCopy(body, (int)at, attachment, 0, (int)length);
                    attachments.Add(attachment);
                    at += length;
                }
            }
            return at == body.Length ? attachments : throw MakeAttachmentsError();
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
