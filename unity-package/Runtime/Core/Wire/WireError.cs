using VibeSync.Core.Json;

namespace VibeSync.Core.Wire
{
    /// <summary>Converts errors to their form on the wire and back. The wire calls the location `place`.</summary>
    public static class WireError
    {
        public static SyncException Read(JsonValue body)
        {
            return new SyncException(body.RequiredString("code", ""), body.RequiredString("message", ""),
                body.Find("place")?.AsString("place") ?? "");
        }

        public static JsonValue Write(SyncException error)
        {
            return JsonValue.Object().With("code", error.Code).With("message", error.Message)
                .With("place", error.Location).With("help", "");
        }

        /// <summary>Returns the sentence of an error or notice: code, message and help.</summary>
        public static string Describe(JsonValue body)
        {
            string help = body.Find("help")?.AsString("help") ?? "";
            return body.RequiredString("code", "") + ": " + body.RequiredString("message", "")
                + (help.Length == 0 ? "" : " " + help);
        }
    }
}
