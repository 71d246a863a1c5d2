using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;
using VibeSync.Core;
using VibeSync.Core.Discovery;
using VibeSync.Core.Net;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Starts with the editor and after each domain reload, runs the session from the editor's update, and saves the
    /// session before the domain is reloaded.
    /// </summary>
    public static class Bridge
    {
        public const string ClientVersion = "0.1.0";

        /// <summary>
        /// The number of unexpected errors in a row that stops the bridge until the user starts it again.
        /// </summary>
        const int MaxFailures = 5;

        static SceneEvents events;
        static TickSignal ticks;
        static UnitySceneAdapter scene;
        static PreviewGuard previewGuard;
        static Session session;
        static SyncEventQueue happened;
        static EditorCapabilities capabilities;
        static int failures;
        static string stopReason;

        /// <summary>
        /// Raised on the main thread, between two ticks: changes were sent, or a batch was applied and answered. A
        /// domain reload forgets the listeners.
        /// </summary>
        public static event Action<SyncEvent> Synced;

        /// <summary>The status of the session.</summary>
        public static SessionStatus Status => session == null ? new SessionStatus() : session.Status;

        public static bool IsRunning => session != null;

        /// <summary>The reason for which the bridge stopped by itself; empty if it did not.</summary>
        public static string StopReason
        {
            get => stopReason ?? "";
            private set => stopReason = value;
        }

        /// <summary>One of <see cref="EditorStates"/>.</summary>
        public static string EditorState => scene == null ? EditorStates.Ready : scene.EditorState;

        /// <summary>The state for the panel.</summary>
        public static PanelState Panel
        {
            get
            {
                // The session looks at a damaged registry again and again, but nothing is synchronized.
                if (Status.IsRegistryDamaged) { return PanelState.Of(Status, PauseReason.Error, EditorState); }
                PauseReason pause = IsRunning ? PauseReason.None : Settings.IsHeld ? PauseReason.SelfTest
                    : StopReason.Length > 0 ? PauseReason.Error : PauseReason.User;
                PanelState state = PanelState.Of(Status, pause, EditorState);
                if (pause == PauseReason.Error) { state.Error = new SyncException(ErrorCode.ApplyFailed, StopReason); }
                return state;
            }
        }

        /// <summary>A label and a value for each queue of the session that is not empty.</summary>
        public static List<KeyValuePair<string, string>> Queues => session == null
            ? new List<KeyValuePair<string, string>>()
            : QueueText.Describe(session.Outbox.Intents, session.Status.WaitingChanges);

        /// <summary>One line for each kind of scene content that is not synchronized.</summary>
        public static List<string> UnsupportedKinds => scene == null ? new List<string>() : scene.UnsupportedKinds;

        /// <summary>The content that no scene synchronizes.</summary>
        public static string NeverSynchronized => scene == null || scene.HasMaterials ? "textures" : "materials and textures";

        /// <summary>Whether the bridge starts with the editor; changing it starts or stops it at once.</summary>
        public static bool IsEnabled
        {
            get => Settings.IsEnabled;

            set
            {
                Settings.IsEnabled = value;
                if (value) { Start(); }
                else { Pause(); }
            }
        }

        /// <summary>Starts a session and loads the state that an earlier one of this editor saved.</summary>
        public static void Start()
        {
            if (session != null) { return; }
            failures = 0;
            StopReason = "";
            events = new SceneEvents();
            ticks = new TickSignal(UnityCompat.RequestTick);
            scene = new UnitySceneAdapter(events);
            previewGuard = new PreviewGuard(scene.Previews);
            // The list of add-ons stays, with the state of their files when the scripts were loaded.
            capabilities = capabilities ?? new EditorCapabilities();
            capabilities.Scene = scene.Calls;
            capabilities.Wake = ticks.Request;
            session = new Session(scene, Connect, new SessionOptions
            {
                InstanceId = SessionPersistence.InstanceId,
                EditorVersion = Application.unityVersion,
                ClientVersion = ClientVersion,
                TickMilliseconds = Settings.TickMilliseconds,
                RestMilliseconds = Settings.RestMilliseconds,
                Wake = ticks.Request,
                Synced = (happened = new SyncEventQueue()).Add,
                Capabilities = capabilities,
                CallScene = scene.Calls,
                Views = scene.Views,
                Previews = scene.Previews,
                Platform = CurrentPlatform,
            });
            session.Noticed += Log;
            SessionPersistence.Load(session);
            EditorApplication.update += Tick;
        }

        /// <summary>Says goodbye and stops.</summary>
        public static void Stop() => End("the editor closes", false, true);

        /// <summary>Starts a new session, which compares the whole scene with the daemon.</summary>
        public static void Resync()
        {
            if (session != null) { Restart("compare anew", false); }
        }

        /// <summary>Makes the scene one of a project. The next save stores that in the scene.</summary>
        public static void Join(string projectId)
        {
            if (!EditorApplication.isPlaying) { session?.Join(projectId); }
        }

        /// <summary>
        /// Takes the scene out of its project: forgets what daemon and scene have in common. The objects stay.
        /// </summary>
        public static void Leave()
        {
            if (session == null || EditorApplication.isPlaying) { return; }
            session.Outbox.Clear();
            SessionPersistence.Save(session, false);
            End("the scene leaves its project");
            SceneRegistry.Clear();
            Start();
        }

        /// <summary>
        /// Discards a damaged registry. The scene is kept, and all of it is compared with the project again.
        /// </summary>
        public static void RebuildRegistry()
        {
            if (session == null || EditorApplication.isPlaying) { return; }
            SceneRegistry.Clear();
            session.Outbox.Clear();
            Restart("the registry was rebuilt", false);
        }

        /// <summary>
        /// Asks the daemon to leave safe mode, so that agents and scripts may change the scene again.
        /// </summary>
        public static void TurnOnAutomation() => session?.TurnOnAutomation(Environment.UserName);

        /// <summary>Does what a button of the panel says.</summary>
        public static void Perform(PanelButton button)
        {
            switch (button.Action)
            {
                case PanelAction.Pause: IsEnabled = false; break;
                case PanelAction.Resume: IsEnabled = true; break;
                case PanelAction.Resync: Resync(); break;
                case PanelAction.TurnOnAutomation: TurnOnAutomation(); break;
                case PanelAction.Join: Join(button.ProjectId); break;
                case PanelAction.Leave: Leave(); break;
                case PanelAction.RebuildRegistry: RebuildRegistry(); break;
                case PanelAction.StayResponsive: session?.Time.StayResponsive(); break;
                case PanelAction.Decide: session?.Agents.Decide(button.Decision, Environment.UserName); break;
                default: Status.LastError = null; break;
            }
        }

        /// <summary>
        /// Stops the bridge until <see cref="Release"/>, also over domain reloads, because the self-test opens other
        /// scenes. A call of <see cref="Start"/> starts it nevertheless.
        /// </summary>
        public static void Hold()
        {
            Settings.IsHeld = true;
            if (session == null) { return; }
            FinishBatch();
            // As with another scene: what is not acknowledged is found again by comparing.
            session.Outbox.Clear();
            SessionPersistence.Save(session, false);
            End("the self-test runs");
        }

        /// <summary>Ends <see cref="Hold"/>; the bridge starts unless the user has paused it.</summary>
        public static void Release()
        {
            Settings.IsHeld = false;
            if (Settings.IsEnabled && Settings.IsOwnProcess) { Start(); }
        }

        [InitializeOnLoadMethod]
        internal static void Load()
        {
            if (!Settings.IsOwnProcess) { return; }
            AssemblyReloadEvents.beforeAssemblyReload += Suspend;
            // After `Suspend`, which still changes the registry.
            SceneRegistry.Attach();
            EditorApplication.quitting += Stop;
            EditorApplication.playModeStateChanged += OnPlayMode;
            EditorSceneManager.sceneSaving += OnSceneSaving;
            if (Settings.IsEnabled && !Settings.IsHeld) { Start(); }
        }

        /// <summary>Forgets what <see cref="Load"/> set up, as the end of the domain does.</summary>
        internal static void Unload()
        {
            AssemblyReloadEvents.beforeAssemblyReload -= Suspend;
            SceneRegistry.Detach();
            EditorApplication.quitting -= Stop;
            EditorApplication.playModeStateChanged -= OnPlayMode;
            EditorSceneManager.sceneSaving -= OnSceneSaving;
        }

        static ILink Connect(string projectId, string openPath)
        {
            return new TcpLink(RuntimeFolder.FindAll(CurrentPlatform, Environment.GetEnvironmentVariable), projectId,
                openPath, CurrentPlatform, ticks.Request);
        }

        static Platform CurrentPlatform => Application.platform == RuntimePlatform.WindowsEditor ? Platform.Windows
            : Application.platform == RuntimePlatform.OSXEditor ? Platform.MacOs : Platform.Unix;

        static void Tick() => Guard(() =>
        {
            // The handler of an add-on may make Unity update the editor.
            if (session.IsRunningHandler) { return; }
            ticks.BeginTick();
            capabilities.Refresh();
            if (events.IsSceneReplaced)
            {
                session.Outbox.Clear();
                Restart("another scene was opened", false);
            }
            else if (events.IsSceneRecreated) { Restart("play mode ended", true); }
            else if (scene.HasNewPipeline && EditorStates.CanCapture(scene.EditorState))
            {
                FinishBatch();
                Restart("the render pipeline has changed", true);
            }
            // The session waits until the game's differences are restored, so it never sends them.
            if (PlayModeSnapshot.Exists && EditorStates.CanCapture(scene.EditorState))
            {
                scene.Refresh(new DirtySet());
                if (scene.IsComplete) { PlayModeSnapshot.Restore(scene); }
            }
            else
            {
                session.Tick(EditorClock.Now);
                SaveIdleFiles();
                scene.EndTick();
            }
            happened.Raise(Synced);
        });

        /// <summary>Saves asset files while neither the user nor a batch is at work.</summary>
        static void SaveIdleFiles()
        {
            if (session.HasBatch || !EditorStates.CanApply(scene.EditorState)) { return; }
            scene.SaveIdleFiles(EditorClock.Now);
        }

        /// <summary>
        /// Keeps unexpected errors away from the editor, and stops the bridge if they repeat at every update.
        /// </summary>
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
                StopReason = "Stopped after " + MaxFailures + " errors in a row, the last: " + error.Message;
                Debug.LogError("VibeSync: " + StopReason + " Window > VibeSync > Panel starts it again.");
                Pause();
            }
        }

        /// <summary>Saves and ends the session before a domain reload.</summary>
        internal static void Suspend()
        {
            if (session == null) { return; }
            SaveSession();
            End("domain reload", true, true);
        }

        /// <summary>Stops and saves the session, until the user resumes.</summary>
        static void Pause()
        {
            if (session == null) { return; }
            SaveSession();
            End("paused");
        }

        static void SaveSession()
        {
            FinishBatch();
            SessionPersistence.Save(session, true);
        }

        static void FinishBatch()
        {
            try
            {
                // In play mode the scene does not have the changes of a batch.
                if (!EditorApplication.isPlaying) { session.FinishBatch(); }
            }
            catch (Exception error)
            {
                Debug.LogException(error);
            }
        }

        /// <summary>Ends the session and starts a new one, which indexes the scene again.</summary>
        /// <param name="isSameScene">Whether the replica is still about the open scene.</param>
        static void Restart(string reason, bool isSameScene)
        {
            SessionPersistence.Save(session, isSameScene);
            End(reason);
            Start();
        }

        static void End(string reason, bool isReloading = false, bool waits = false)
        {
            if (session == null) { return; }
            if (session.IsRunningHandler) { throw new InvalidOperationException("not from the handler of an add-on"); }
            EditorApplication.update -= Tick;
            session.Noticed -= Log;
            previewGuard.Dispose();
            session.Close(reason, isReloading, waits);
            SaveFiles();
            events.Dispose();
            ticks.Dispose();
            session = null;
            previewGuard = null;
            events = null;
            ticks = null;
            scene = null;
        }

        /// <summary>Saves the assets first: a scene must not be newer than the files that it refers to.</summary>
        static void OnSceneSaving(Scene saved, string path) => SaveFiles();

        /// <summary>
        /// Saves the asset files. In play mode, and until it is undone, a mesh may have the game's changes; its file was
        /// saved before.
        /// </summary>
        static void SaveFiles()
        {
            if (scene == null || EditorApplication.isPlaying || PlayModeSnapshot.Exists) { return; }
            try
            {
                scene.SaveFiles();
            }
            catch (Exception error)
            {
                // Unity forbids asset calls at some moments; the session must end all the same.
                Debug.LogException(error);
            }
        }

        static void OnPlayMode(PlayModeStateChange change)
        {
            if (session == null) { return; }
            if (change == PlayModeStateChange.ExitingEditMode) { Guard(PreparePlayMode); }
            // Unity has recreated the scene's objects.
            if (change == PlayModeStateChange.EnteredEditMode) { events.IsSceneRecreated = true; }
        }

        /// <summary>
        /// Copies the scene. A batch in progress ends before it: its changes so far are confirmed, or they would look
        /// like the user's own after play mode. The session then ends as in a domain reload, and the daemon sends the
        /// rest to the next one; a batch that is never answered would be rolled back.
        /// </summary>
        static void PreparePlayMode()
        {
            bool hasBatch = session.HasBatch;
            session.FinishBatch();
            scene.SaveFiles();
            PlayModeSnapshot.Save(scene);
            if (!hasBatch) { return; }
            SessionPersistence.Save(session, true);
            End("play mode begins", true, true);
            Start();
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
