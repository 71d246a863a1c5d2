using System;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Discovery;
using VibeSync.Core.Net;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Starts with the editor and after each domain reload, runs the session from the editor's own update, and hands
    /// over what is unfinished when the domain is reloaded.
    /// </summary>
    public static class Bridge
    {
        public const string ClientVersion = "0.1.0";

        const string EnabledKey = "VibeSync.Enabled";
        const string InstanceKey = "VibeSync.Instance";
        const string OutboxKey = "VibeSync.Outbox";
        const string ShadowKey = "VibeSync.Shadow";

        /// <summary>
        /// SessionState is memory of the editor; an edit beyond this is found again by comparing instead.
        /// </summary>
        const int MaxOutboxCharacters = 64 << 20;

        /// <summary>So many unexpected errors in a row end automation until the user starts it again.</summary>
        const int MaxFailures = 5;

        static SceneEvents events;
        static Session session;
        static int failures;

        [InitializeOnLoadMethod]
        static void Load()
        {
            AssemblyReloadEvents.beforeAssemblyReload += Suspend;
            EditorApplication.quitting += Stop;
            EditorApplication.playModeStateChanged += OnPlayMode;
            if (EditorPrefs.GetBool(EnabledKey, true)) { Start(); }
        }

        /// <summary>What the session is doing.</summary>
        public static SessionStatus Status => session == null ? new SessionStatus() : session.Status;

        public static bool Running => session != null;

        /// <summary>Whether the bridge starts with the editor; changing it starts or stops it at once.</summary>
        public static bool Enabled
        {
            get => EditorPrefs.GetBool(EnabledKey, true);

            set
            {
                EditorPrefs.SetBool(EnabledKey, value);
                if (value) { Start(); }
                else { Stop(); }
            }
        }

        /// <summary>Starts the session, taking up what an earlier one of this editor left.</summary>
        public static void Start()
        {
            if (session != null) { return; }
            failures = 0;
            string instance = SessionState.GetString(InstanceKey, "");
            if (!Uuid.IsValid(instance))
            {
                instance = Uuid.New();
                SessionState.SetString(InstanceKey, instance);
            }
            events = new SceneEvents();
            session = new Session(new UnitySceneAdapter(events), Connect, new SessionOptions
            {
                InstanceId = instance,
                EditorVersion = Application.unityVersion,
                ClientVersion = ClientVersion,
            });
            session.Noticed += Log;
            Resume();
            EditorApplication.update += Tick;
        }

        /// <summary>Says goodbye and stops.</summary>
        public static void Stop() => End("the editor closes");

        static ILink Connect(string projectId, string openPath)
        {
            Platform platform = Application.platform == RuntimePlatform.WindowsEditor ? Platform.Windows
                : Application.platform == RuntimePlatform.OSXEditor ? Platform.MacOs : Platform.Unix;
            return new TcpLink(RuntimeFolder.Find(platform, Environment.GetEnvironmentVariable), projectId, openPath);
        }

        static void Tick()
        {
            try
            {
                if (events.SceneReplaced)
                {
                    events.SceneReplaced = false;
                    events.StructureChanged = true;
                    session.Restart("another scene was opened");
                }
                session.Tick(EditorApplication.timeSinceStartup);
                failures = 0;
            }
            catch (Exception error)
            {
                // The editor must go on, whatever happens here; but not with the same error at every update.
                Debug.LogException(error);
                if (++failures < MaxFailures) { return; }
                Debug.LogError("VibeSync stopped after " + MaxFailures
                    + " errors in a row. Window > VibeSync starts it again.");
                End("errors in the editor");
            }
        }

        static void Suspend()
        {
            if (session == null) { return; }
            SessionState.SetString(OutboxKey, session.Outbox.Save(MaxOutboxCharacters));
            SessionState.SetString(ShadowKey, session.Shadow.Save());
            End("domain reload");
        }

        static void Resume()
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

        static void End(string reason)
        {
            if (session == null) { return; }
            EditorApplication.update -= Tick;
            session.Noticed -= Log;
            session.Close(reason);
            events.Dispose();
            session = null;
            events = null;
        }

        static void OnPlayMode(PlayModeStateChange change)
        {
            // Leaving play mode, Unity makes the scene's objects anew.
            if (change == PlayModeStateChange.EnteredEditMode && events != null) { events.StructureChanged = true; }
        }

        static void Log(string severity, string text)
        {
            switch (severity)
            {
                case "error": Debug.LogError("VibeSync " + text); break;
                case "warning": Debug.LogWarning("VibeSync " + text); break;
                default: Debug.Log("VibeSync " + text); break;
            }
        }
    }
}
