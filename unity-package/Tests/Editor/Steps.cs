using System;
using System.Collections;
using System.Collections.Generic;
using UnityEngine.TestTools;

namespace VibeSync.Tests.Adapter
{
    /// <summary>
    /// Waits over several frames of the editor: a test writes `yield return` in front of it. The test runner goes on
    /// after a wait that failed until the next `yield`, so the harness keeps the first failure.
    /// </summary>
    public sealed class Steps : IEditModeTestYieldInstruction
    {
        readonly IEnumerator steps;
        readonly Action<Exception> onFailure;

        /// <param name="steps">Returns null for each frame, or steps of its own.</param>
        /// <param name="onFailure">Gets the error that ends the steps.</param>
        public Steps(IEnumerator steps, Action<Exception> onFailure)
        {
            this.steps = steps;
            this.onFailure = onFailure;
        }

        public bool ExpectDomainReload => false;

        public bool ExpectedPlaymodeState => false;

        /// <summary>Returns null for each frame. The test runner does not look into nested steps; this does.</summary>
        public IEnumerator Perform()
        {
            Stack<IEnumerator> open = new Stack<IEnumerator>();
            open.Push(steps);
            while (open.Count > 0)
            {
                if (!Advance(open.Peek())) { open.Pop(); }
                else if (open.Peek().Current is IEditModeTestYieldInstruction inner) { open.Push(inner.Perform()); }
                else if (open.Peek().Current is IEnumerator nested) { open.Push(nested); }
                else { yield return null; }
            }
        }

        bool Advance(IEnumerator enumerator)
        {
            try
            {
                return enumerator.MoveNext();
            }
            catch (Exception error)
            {
                onFailure(error);
                throw;
            }
        }
    }
}
