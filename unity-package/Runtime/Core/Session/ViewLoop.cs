using System;
using System.Collections.Generic;
using System.Diagnostics;
using VibeSync.Core.Json;
using VibeSync.Core.Views;
using VibeSync.Core.Wire;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Answers requests for pictures, and requests to select: one in each tick. A request waits while a batch is applied,
    /// because half of a batch is no state of the scene; it is refused while the editor is not able.
    /// </summary>
    public sealed class ViewLoop
    {
        /// <summary>The daemon sends the next request after the answer; more than this is a mistake.</summary>
        const int MaxWaiting = 8;

        readonly ISceneAdapter scene;
        readonly IViewScene views;
        readonly Func<bool> isBusy;
        readonly Action<Frame> send;
        readonly Queue<KeyValuePair<ViewRequest, Stopwatch>> waiting = new Queue<KeyValuePair<ViewRequest, Stopwatch>>();

        /// <param name="isBusy">Whether changes of the daemon or of a call are made at this moment.</param>
        public ViewLoop(ISceneAdapter scene, IViewScene views, Func<bool> isBusy, Action<Frame> send)
        {
            this.scene = scene;
            this.views = views;
            this.isBusy = isBusy;
            this.send = send;
        }

        /// <summary>Accepts a message of the daemon; returns false if it is none about pictures or the selection.</summary>
        public bool TryHandle(string type, JsonValue header)
        {
            switch (type)
            {
                case "view": Add(ViewRequest.ReadView(header)); return true;
                case "select": Add(ViewRequest.ReadSelect(header)); return true;
                default: return false;
            }
        }

        /// <summary>Answers the first request, unless it must wait.</summary>
        public void Run()
        {
            if (waiting.Count == 0) { return; }
            KeyValuePair<ViewRequest, Stopwatch> first = waiting.Peek();
            bool isLate = first.Value.ElapsedMilliseconds >= first.Key.DeadlineMilliseconds;
            if (isBusy() && !isLate) { return; }
            // Before the answer: an error of the editor must not come back with each tick.
            waiting.Dequeue();
            send(isLate ? Fail(first.Key, "not in time: changes are under way") : Answer(first.Key));
        }

        /// <summary>Drops what waits, with the connection.</summary>
        public void Forget() => waiting.Clear();

        void Add(ViewRequest request)
        {
            if (waiting.Count < MaxWaiting)
            {
                waiting.Enqueue(new KeyValuePair<ViewRequest, Stopwatch>(request, Stopwatch.StartNew()));
                return;
            }
            send(Fail(request, MaxWaiting + " requests are waiting"));
        }

        Frame Answer(ViewRequest request)
        {
            string state = scene.EditorState;
            bool isSelect = request.Look == null;
            // A picture changes nothing, so it may be drawn while the user drags. A selection would end the drag.
            bool isAble = isSelect ? EditorStates.CanApply(state) : EditorStates.CanCapture(state);
            if (!isAble) { return Fail(request, "the editor is " + state); }
            try
            {
                return isSelect ? ViewMessages.Result(request, views.Select(request))
                    : ViewMessages.Result(request, views.Draw(request));
            }
            catch (SyncException error)
            {
                return ViewMessages.Failure(request, error);
            }
        }

        static Frame Fail(ViewRequest request, string message) =>
            ViewMessages.Failure(request, new SyncException(ErrorCode.EditorUnable, message));
    }
}
