using System;

namespace VibeSync.Capabilities
{
    /// <summary>The answer of a handler.</summary>
    public sealed class AiResult
    {
        AiResult(string status, string message, object data, string errorCode, Func<AiResult> poll)
        {
            Status = status;
            Message = message ?? "";
            Data = data;
            ErrorCode = errorCode;
            Poll = poll;
        }

        /// <summary><c>success</c>, <c>warning</c> or <c>error</c>; <c>later</c> while the work goes on.</summary>
        public string Status { get; }

        /// <summary>A sentence for the agent, at most 2,000 characters.</summary>
        public string Message { get; }

        /// <summary>
        /// Null, a boolean, a number, a text, a list, or a dictionary with texts as keys, of such values.
        /// </summary>
        public object Data { get; }

        /// <summary>1 to 64 capitals, digits and <c>_</c>; null if there is none.</summary>
        public string ErrorCode { get; }

        /// <summary>Continues work that goes on; null in any other result.</summary>
        public Func<AiResult> Poll { get; }

        public static AiResult Success(string message, object data = null) =>
            new AiResult("success", message, data, null, null);

        /// <summary>The work is done, with a remark. Its changes stay.</summary>
        public static AiResult Warning(string message, object data = null) =>
            new AiResult("warning", message, data, null, null);

        /// <summary>The work failed. All changes of the handler are taken back.</summary>
        public static AiResult Error(string message, string errorCode = null, object data = null) =>
            new AiResult("error", message, data, errorCode, null);

        /// <summary>
        /// The work goes on: <paramref name="poll"/> runs on the main thread about ten times a second until it returns
        /// a result other than null. Only the call that returns the result may change the scene.
        /// </summary>
        public static AiResult Later(Func<AiResult> poll)
        {
            if (poll == null) { throw new ArgumentNullException(nameof(poll)); }
            return new AiResult("later", "", null, null, poll);
        }
    }
}
