using System;
using System.Collections.Generic;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Compares objects with what they should show, again and again: a round begins when something has changed, and otherwise
    /// twice a second, less often if it takes long. One object is the unit that a tick does not divide.
    /// </summary>
    public sealed class Rounds
    {
        /// <summary>The least time between two rounds without a sign of a change, in seconds.</summary>
        const double MinPause = 0.5;

        /// <summary>The least length of the pause after such a round, in lengths of the round.</summary>
        const double PauseShare = 20;

        readonly Func<IEnumerable<ObjectKey>> begin;
        readonly Action<ObjectKey> show;
        readonly Queue<ObjectKey> round = new Queue<ObjectKey>();
        bool isMarked = true;
        double spent;
        double nextRound;

        /// <param name="begin">Returns the objects of a round.</param>
        /// <param name="show">Compares one object and changes what differs.</param>
        public Rounds(Func<IEnumerable<ObjectKey>> begin, Action<ObjectKey> show)
        {
            this.begin = begin;
            this.show = show;
        }

        /// <summary>Requests a round: something in the scene has changed.</summary>
        public void Mark() => isMarked = true;

        /// <summary>Continues the round, or begins one if it is requested or due. At least one object is compared.</summary>
        public void Advance(Budget budget, double now)
        {
            if (round.Count == 0 && (isMarked || now >= nextRound))
            {
                isMarked = false;
                spent = nextRound = 0;
                foreach (ObjectKey key in begin()) { round.Enqueue(key); }
            }
            double began = budget.Passed;
            while (round.Count > 0)
            {
                show(round.Dequeue());
                if (budget.IsSpent) { break; }
            }
            spent += budget.Passed - began;
            if (round.Count == 0) { nextRound = Math.Max(nextRound, now + Math.Max(MinPause, spent * PauseShare / 1000)); }
        }
    }
}
