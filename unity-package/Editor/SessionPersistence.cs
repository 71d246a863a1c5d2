using System;
using System.Globalization;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Saves the state of a session for the next one in this editor process, over domain reloads, pauses and scene
    /// changes.
    /// </summary>
    public static class SessionPersistence
    {
        const string InstanceKey = "VibeSync.Instance";
        const string OutboxKey = "VibeSync.Outbox";

        // The older name stays, because a running editor may hold a value under it when the package is updated.
        const string ReplicaKey = "VibeSync.Shadow";
        const string AgentsKey = "VibeSync.AgentsSince";

        /// <summary>
        /// The size limit, because SessionState takes memory of the editor. Capture finds larger edits again by
        /// comparing.
        /// </summary>
        const int MaxOutboxCharacters = 64 << 20;

        /// <summary>
        /// The id of one scene in one editor process. Opening a scene changes it, because the opened scene may be older
        /// than the intents sent before.
        /// </summary>
        public static string InstanceId
        {
            get
            {
                string instance = SessionState.GetString(InstanceKey, "");
                if (Uuid.IsValid(instance)) { return instance; }
                instance = Uuid.New();
                SessionState.SetString(InstanceKey, instance);
                return instance;
            }
        }

        /// <summary>Saves the outbox, and the replica if it stays valid.</summary>
        /// <param name="isSameScene">Whether the next session has the same scene.</param>
        public static void Save(Session session, bool isSameScene)
        {
            SessionState.SetString(OutboxKey, session.Outbox.Save(MaxOutboxCharacters));
            if (isSameScene) { SessionState.SetString(ReplicaKey, session.Replica.Save()); }
            else { SessionState.EraseString(InstanceKey); }
            string since = session.Agents.Since?.ToString(CultureInfo.InvariantCulture) ?? "";
            SessionState.SetString(AgentsKey, isSameScene ? since : "");
        }

        /// <summary>Loads and erases the saved state.</summary>
        public static void Load(Session session)
        {
            string outbox = SessionState.GetString(OutboxKey, "");
            string replica = SessionState.GetString(ReplicaKey, "");
            SessionState.EraseString(OutboxKey);
            SessionState.EraseString(ReplicaKey);
            string since = SessionState.GetString(AgentsKey, "");
            SessionState.EraseString(AgentsKey);
            bool isKnown = long.TryParse(since, NumberStyles.None, CultureInfo.InvariantCulture, out long seq);
            session.Agents.Since = isKnown ? seq : (long?)null;
            session.Replica.Load(replica);
            try
            {
                session.Outbox.Load(outbox);
            }
            catch (Exception error) when (error is SyncException || error is FormatException || error is IOException
                || error is ArgumentException)
            {
                Debug.LogWarning("VibeSync compares the whole scene, because its saved changes are damaged: "
                    + error.Message);
            }
        }
    }
}
