using System;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// What one session leaves to the next within this editor process, over domain reloads, pauses and scene changes.
    /// </summary>
    public static class HandOver
    {
        const string InstanceKey = "VibeSync.Instance";
        const string OutboxKey = "VibeSync.Outbox";
        const string ShadowKey = "VibeSync.Shadow";

        /// <summary>
        /// SessionState is memory of the editor; an edit beyond this is found again by comparing instead.
        /// </summary>
        const int MaxOutboxCharacters = 64 << 20;

        /// <summary>
        /// Tells one scene in one editor process from all others: a scene that is opened may be older than what was
        /// sent before.
        /// </summary>
        public static string Instance
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

        /// <summary>Leaves what is unfinished.</summary>
        /// <param name="sameScene">Whether the next session will find the same scene.</param>
        public static void Leave(Session session, bool sameScene)
        {
            SessionState.SetString(OutboxKey, session.Outbox.Save(MaxOutboxCharacters));
            if (sameScene) { SessionState.SetString(ShadowKey, session.Shadow.Save()); }
            else { SessionState.EraseString(InstanceKey); }
        }

        /// <summary>Takes up what was left.</summary>
        public static void Take(Session session)
        {
            string outbox = SessionState.GetString(OutboxKey, "");
            string shadow = SessionState.GetString(ShadowKey, "");
            SessionState.EraseString(OutboxKey);
            SessionState.EraseString(ShadowKey);
            session.Shadow.Load(shadow);
            try
            {
                session.Outbox.Load(outbox);
            }
            catch (Exception error) when (error is SyncException || error is FormatException || error is IOException
                || error is ArgumentException)
            {
                Debug.LogWarning("VibeSync compares the scene anew, because its unsent changes are damaged: "
                    + error.Message);
            }
        }
    }
}
