using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Views
{
    /// <summary>A request for a picture, or to select objects, as the daemon sends it.</summary>
    public sealed class ViewRequest
    {
        /// <summary>The most entities that a picture shows whole, and that a selection has.</summary>
        public const int MaxUuids = 200;

        const int MinSize = 256;
        const int MaxSize = 1280;

        ViewRequest()
        {
        }

        public string RequestId { get; private set; }

        /// <summary>One of <see cref="Looks"/>; null in a request to select.</summary>
        public string Look { get; private set; }

        /// <summary>The entities to show whole, or to select.</summary>
        public List<string> Uuids { get; private set; }

        /// <summary>The name of the field with the entities.</summary>
        public string UuidField => Look == null ? "uuids" : "frame";

        /// <summary>Pixels of the longer side of the picture.</summary>
        public int Size { get; private set; }

        /// <summary>The time for the answer, from the arrival of the request.</summary>
        public long DeadlineMilliseconds { get; private set; }

        /// <summary>Reads a <c>view</c>; throws VS-1006 if it has another form.</summary>
        public static ViewRequest ReadView(JsonValue header)
        {
            ViewRequest request = new ViewRequest { Look = header.RequiredString("look", "") };
            if (!Looks.IsKnown(request.Look))
            {
                throw new SyncException(ErrorCode.MessageMalformed, "no such look: " + request.Look, "look");
            }
            request.ReadCommon(header);
            long size = header.RequiredInteger("size", "");
            if (size < MinSize || size > MaxSize)
            {
                throw new SyncException(ErrorCode.MessageMalformed, "not from " + MinSize + " to " + MaxSize, "size");
            }
            request.Size = (int)size;
            return request;
        }

        /// <summary>Reads a <c>select</c>; throws VS-1006 if it has another form.</summary>
        public static ViewRequest ReadSelect(JsonValue header)
        {
            ViewRequest request = new ViewRequest();
            request.ReadCommon(header);
            return request;
        }

        void ReadCommon(JsonValue header)
        {
            RequestId = Uuid.Check(header.RequiredString("request_id", ""), "request_id");
            DeadlineMilliseconds = header.RequiredInteger("deadline_ms", "");
            Uuids = new List<string>();
            foreach (JsonValue uuid in header.Required(UuidField, "").AsArray(UuidField))
            {
                string location = UuidField + "[" + Uuids.Count + "]";
                if (Uuids.Count == MaxUuids)
                {
                    throw new SyncException(ErrorCode.MessageMalformed, "more than " + MaxUuids, location);
                }
                Uuids.Add(Uuid.Check(uuid.AsString(location), location));
            }
        }
    }
}
