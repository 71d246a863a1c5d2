using System;
using System.Collections.Generic;
using System.Text;
using VibeSync.Core.Json;

namespace VibeSync.Core.Wire
{
    /// <summary>One message: a JSON header and its binary attachments.</summary>
    public sealed class Frame
    {
        static readonly byte[][] NoAttachments = new byte[0][];

        public Frame(JsonValue header, IReadOnlyList<byte[]> attachments = null)
        {
            Header = header;
            Attachments = attachments ?? NoAttachments;
        }

        public JsonValue Header { get; }

        public IReadOnlyList<byte[]> Attachments { get; }

        /// <summary>The header's type; throws VS-1006 if it is missing.</summary>
        public string Type => Header.RequiredString("type", "");

        /// <summary>Returns the bytes for the wire.</summary>
        public byte[] Encode()
        {
            if (Attachments.Count > 0)
            {
                JsonValue lengths = JsonValue.Array();
                foreach (byte[] attachment in Attachments) { lengths.Add(attachment.Length); }
                Header.With("attachments", lengths);
            }
            byte[] header = Encoding.UTF8.GetBytes(JsonWriter.Write(Header));
            long length = 4L + header.Length;
            foreach (byte[] attachment in Attachments) { length += attachment.Length; }
            if (length > int.MaxValue - 4)
            {
                throw new SyncException(ErrorCode.FrameTooLong, "the message is too large");
            }
            byte[] bytes = new byte[length + 4];
            WriteUInt32(bytes, 0, (uint)length);
            WriteUInt32(bytes, 4, (uint)header.Length);
            Buffer.BlockCopy(header, 0, bytes, 8, header.Length);
            int at = 8 + header.Length;
            foreach (byte[] attachment in Attachments)
            {
                Buffer.BlockCopy(attachment, 0, bytes, at, attachment.Length);
                at += attachment.Length;
            }
            return bytes;
        }

        static void WriteUInt32(byte[] bytes, int at, uint value)
        {
            bytes[at] = (byte)(value >> 24);
            bytes[at + 1] = (byte)(value >> 16);
            bytes[at + 2] = (byte)(value >> 8);
            bytes[at + 3] = (byte)value;
        }
    }
}
