using System;
using System.Collections.Generic;
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

        /// <summary>So many unexpected errors in a row end automation until the user starts it again.</summary>
        const int MaxFailures = 5;

        static SceneEvents events;
        static UnitySceneAdapter scene;
        static Session session;
        static int failures;

        /// <summary>What the session is doing.</summary>
        public static SessionStatus Status => session == null ? new SessionStatus() : session.Status;

        public static bool Running => session != null;

        /// <summary>Why the bridge stopped by itself, or an empty string.</summary>
        public static string StoppedBecause { get; private set; } = "";

        /// <summary>One of <see cref="EditorStates"/>.</summary>
        public static string EditorState => scene == null ? EditorStates.Ready : scene.EditorState;

        /// <summary>What the scene holds that is not synchronized, one line a kind.</summary>
        public static List<string> NotSynchronized => scene == null ? new List<string>() : scene.NotSynchronized;

        /// <summary>Whether the bridge starts with the editor; changing it starts or stops it at once.</summary>
        public static bool Enabled
        {
            get => Settings.Enabled;

            set
            {
                Settings.Enabled = value;
                if (value) { Start(); }
                else { Pause(); }
            }
        }

        /// <summary>Starts the session, taking up what an earlier one of this editor left.</summary>
        public static void Start()
        {
            if (session != null) { return; }
            failures = 0;
            StoppedBecause = "";
            events = new SceneEvents();
            scene = new UnitySceneAdapter(events);
            session = new Session(scene, Connect, new SessionOptions
            {
                InstanceId = HandOver.Instance,
                EditorVersion = Application.unityVersion,
                ClientVersion = ClientVersion,
                TickMilliseconds = Settings.TickMilliseconds,
                Wake = UnityCompat.Wake,
            });
            session.Noticed += Log;
            HandOver.Take(session);
            EditorApplication.update += Tick;
        }

        /// <summary>Says goodbye and stops.</summary>
        public static void Stop() => End("the editor closes");

        /// <summary>Compares everything with the daemon anew.</summary>
        public static void Resync()
        {
            if (session != null) { Renew("compare anew", false); }
        }

        /// <summary>Ends safe mode: agents and scripts may change the scene again.</summary>
        public static void TurnOnAutomation() => session?.TurnOnAutomation(Environment.UserName);

        [InitializeOnLoadMethod]
        static void Load()
        {
            AssemblyReloadEvents.beforeAssemblyReload += Suspend;
            EditorApplication.quitting += Stop;
            EditorApplication.playModeStateChanged += OnPlayMode;
            if (Settings.Enabled) { Start(); }
        }

        static ILink Connect(string projectId, string openPath)
        {
            Platform platform = Application.platform == RuntimePlatform.WindowsEditor ? Platform.Windows
                : Application.platform == RuntimePlatform.OSXEditor ? Platform.MacOs : Platform.Unix;
            return new TcpLink(RuntimeFolder.Find(platform, Environment.GetEnvironmentVariable), projectId, openPath,
                UnityCompat.Wake);
        }

        static void Tick() => Guard(() =>
        {
            if (events.SceneReplaced)
            {
                session.Outbox.Clear();
                Renew("another scene was opened", false);
            }
            else if (events.SceneRemade) { Renew("play mode ended", true); }
            // Nothing is sent before the scene has been looked through, so nothing of the game's is.
            if (PlayMode.Taken && EditorStates.CanCapture(scene.EditorState))
            {
                scene.Refresh(new List<string>());
                if (scene.Complete) { PlayMode.Restore(scene); }
            }
            else { session.Tick(EditorApplication.timeSinceStartup); }
        });

        /// <summary>The editor must go on, whatever happens here; but not with the same error at every update.</summary>
        static void Guard(Action act)
        {
            try
            {
                act();
                failures = 0;
            }
            catch (Exception error)
            {
                Debug.LogException(error);
                if (++failures < MaxFailures) { return; }
                StoppedBecause = "Stopped after " + MaxFailures + " errors in a row, the last: " + error.Message;
                Debug.LogError("VibeSync: " + StoppedBecause + " Window > VibeSync starts it again.");
                Pause();
            }
        }

        static void Suspend()
        {
            if (session == null) { return; }
            Leave();
            End("domain reload", true);
        }

        /// <summary>Stops, keeping what is unfinished for when the user goes on.</summary>
        static void Pause()
        {
            if (session == null) { return; }
            Leave();
            End("paused");
        }

        static void Leave()
        {
            try
            {
                // In play mode what a batch has changed is not to be found in the scene.
                if (!EditorApplication.isPlaying) { session.Settle(); }
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
            HandOver.Leave(session, true);
        }

        /// <summary>Goes on with a new session, which looks at the scene anew.</summary>
        /// <param name="sameScene">Whether it is still the scene that the daemon's knowledge is about.</param>
        static void Renew(string reason, bool sameScene)
        {
            HandOver.Leave(session, sameScene);
            End(reason);
            Start();
        }

        static void End(string reason, bool reloading = false)
        {
            if (session == null) { return; }
            EditorApplication.update -= Tick;
            session.Noticed -= Log;
            session.Close(reason, reloading);
            events.Dispose();
            session = null;
            events = null;
            scene = null;
        }

        static void OnPlayMode(PlayModeStateChange change)
        {
            if (session == null) { return; }
            if (change == PlayModeStateChange.ExitingEditMode) { Guard(() => PlayMode.Keep(scene)); }
            // Unity makes the scene's objects anew.
            if (change == PlayModeStateChange.EnteredEditMode) { events.SceneRemade = true; }
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
