using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>The content of a <c>command_response</c>.</summary>
    public sealed class CommandAnswer
    {
        public CommandAnswer(JsonValue result, string code = null)
        {
            Result = result;
            Code = code;
        }

        /// <summary>Status, message, data and error code.</summary>
        public JsonValue Result { get; }

        /// <summary>A code of VibeSync; null if the handler succeeded.</summary>
        public string Code { get; }

        public bool IsError => Result.RequiredString("status", "") == "error";

        /// <summary>The id of the change that the handler made; null without one.</summary>
        public string OperationId { get; set; }

        /// <summary>The lines that the handler logged.</summary>
        public string Output { get; set; } = "";

        public long ElapsedMilliseconds { get; set; }

        /// <summary>Whether the handler's changes were taken back.</summary>
        public bool IsTakenBack { get; set; }

        /// <summary>Content that the handler left in the scene and that is not synchronized.</summary>
        public List<string> NotSynchronized { get; } = new List<string>();

        /// <summary>Returns the answer to a call that failed.</summary>
        /// <param name="errorCode">The word of the result, such as EXECUTION_FAILED.</param>
        /// <param name="data">More about the failure; null without any.</param>
        public static CommandAnswer Fail(string code, string errorCode, string message, JsonValue data = null)
        {
            return new CommandAnswer(JsonValue.Object().With("status", "error")
                .With("message", ShortText.Cut(message, ShortText.MaxMessage)).With("data", data ?? JsonValue.Null)
                .With("error_code", errorCode), code);
        }
    }
}
