using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>Reads and writes the buffers of components that belong to a mesh.</summary>
    static class WireBuffers
    {
        /// <summary>Returns the bytes of a buffer. Throws VS-3010 without them, and VS-3005 if they are not of the size.</summary>
        /// <param name="size">In bytes; negative for any number of words.</param>
        internal static byte[] Read(JsonValue buffer, IReadOnlyList<byte[]> attachments, long size, string location)
        {
            JsonValue number = buffer.Find("attachment");
            if (number == null || number.IsNull)
            {
                throw new SyncException(ErrorCode.BlobUnknown, "the buffer did not travel with the message", location);
            }
            long place = number.AsInteger(location + ".attachment");
            bool isThere = place >= 0 && place < attachments.Count;
            if (!isThere) { throw MakeError("no such attachment", location); }
            byte[] bytes = attachments[(int)place];
            bool isRight = size < 0 ? bytes.Length % 4 == 0 : bytes.Length == size;
            return isRight ? bytes : throw MakeError("the buffer has another size", location);
        }

        /// <summary>Returns the name of the blob that has the bytes of a buffer; null for none.</summary>
        internal static string FindBlob(JsonValue buffer, string location)
        {
            JsonValue blob = buffer.Find("blob");
            return blob == null || blob.IsNull ? null : blob.AsString(location);
        }

        /// <summary>Returns a buffer by the name of its blob, or adds its bytes to the attachments.</summary>
        /// <param name="blob">Null for none.</param>
        internal static JsonValue Write(string blob, long size, Func<byte[]> make, List<byte[]> attachments)
        {
            JsonValue buffer = JsonValue.Object().With("bytes", size);
            if (blob != null) { return buffer.With("blob", blob); }
            buffer.With("attachment", attachments.Count);
            attachments.Add(make());
            return buffer;
        }

        internal static SyncException MakeError(string message, string location) =>
            new SyncException(ErrorCode.MeshInvalid, message, location);
    }
}
