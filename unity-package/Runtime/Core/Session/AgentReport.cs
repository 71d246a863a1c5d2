using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Session
{
    /// <summary>An open question of an agent, as the daemon sends it.</summary>
    public sealed class AgentQuestion
    {
        const int MaxDetails = 12;

        public string ApprovalId;
        public string Agent;
        public string Kind;
        public string Sentence;
        public readonly List<string> Details = new List<string>();

        /// <summary>Reads an entry of `approvals`; throws VS-1006 with the location.</summary>
        public static AgentQuestion Read(JsonValue given, string location)
        {
            AgentQuestion question = new AgentQuestion
            {
                ApprovalId = given.RequiredString("approval_id", location),
                Agent = given.RequiredString("agent", location),
                Kind = given.RequiredString("kind", location),
                Sentence = given.RequiredString("sentence", location),
            };
            if (!Uuid.IsValid(question.ApprovalId))
            {
                throw new SyncException(ErrorCode.MessageMalformed, "not a uuid", location + ".approval_id");
            }
            List<JsonValue> details = given.Required("details", location).AsArray(location + ".details");
            foreach (JsonValue line in details.GetRange(0, Math.Min(MaxDetails, details.Count)))
            {
                question.Details.Add(line.AsString(location + ".details"));
            }
            return question;
        }
    }

    /// <summary>An agent, as the daemon reports it.</summary>
    public sealed class AgentReport
    {
        public string Name;
        public string Mode;
        public bool IsConnected;

        /// <summary>The program that it works in; empty if it is not known.</summary>
        public string Client;

        /// <summary>The label of its newest change; empty if there is none.</summary>
        public string LastWords;

        /// <summary>The number of its accepted changes since the daemon started.</summary>
        public long Changes;

        /// <summary>Reads an entry of the query `agents`; throws VS-1006 with the location.</summary>
        public static AgentReport Read(JsonValue given, string location)
        {
            return new AgentReport
            {
                Name = given.RequiredString("name", location),
                Mode = given.RequiredString("mode", location),
                IsConnected = given.Required("connected", location).AsBool(location + ".connected"),
                Client = ReadText(given, "client", location),
                LastWords = ReadText(given, "last_words", location),
                Changes = given.RequiredInteger("changes", location),
            };
        }

        static string ReadText(JsonValue given, string key, string location)
        {
            JsonValue value = given.Find(key);
            return value == null || value.IsNull ? "" : value.AsString(location + "." + key);
        }
    }
}
