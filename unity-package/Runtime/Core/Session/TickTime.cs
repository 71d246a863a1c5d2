using System;

namespace VibeSync.Core.Session
{
    /// <summary>
    /// Decides how much of the editor's time a tick takes. Work that is left over gets long ticks while nobody uses the
    /// editor, unless the user asked for short ones.
    /// </summary>
    public sealed class TickTime
    {
        /// <summary>The share of a tick after which no more work begins: the last piece still has to end.</summary>
        const double WorkShare = 0.875;

        readonly ISceneAdapter scene;
        readonly SessionOptions options;
        readonly SessionStatus status;
        readonly Estimate estimate = new Estimate();
        bool isBusy;
        bool isPolite;
        bool isAtRest;

        public TickTime(ISceneAdapter scene, SessionOptions options, SessionStatus status)
        {
            this.scene = scene;
            this.options = options;
            this.status = status;
        }

        /// <summary>The budget of the present tick.</summary>
        public Budget Budget { get; } = new Budget(0);

        /// <summary>Keeps the ticks short until the present work is done.</summary>
        public void StayResponsive() => isPolite = true;

        /// <summary>Begins a tick.</summary>
        public void Begin()
        {
            // Each tick asks: input between two questions would pass unseen.
            isAtRest = scene.IsAtRest;
            bool isLong = isBusy && isAtRest && !isPolite;
            double milliseconds = isLong ? Math.Max(options.TickMilliseconds, options.RestMilliseconds)
                : options.TickMilliseconds;
            Budget.Restart(milliseconds * WorkShare);
            scene.BeginTick(milliseconds);
        }

        /// <summary>Ends a tick, and notes how far its work is.</summary>
        /// <param name="isWalking">Whether ticks walk through the scene.</param>
        public void End(double now, bool isWalking)
        {
            // An editor without focus would take long for a walk in many ticks.
            if (isWalking && scene.IsWalking && EditorStates.CanCapture(scene.EditorState)) { options.Wake(); }
            isBusy = Budget.IsSpent || scene.IsWalking;
            isPolite &= status.Task.Length > 0;
            status.HasLongSlices = isAtRest && !isPolite && status.Task.Length > 0
                && options.RestMilliseconds > options.TickMilliseconds;
            string work = status.Task.Split(' ')[0];
            status.SecondsLeft = estimate.Update(work, status.Progress, now);
        }
    }
}
