using System;
using System.Threading.Tasks;

namespace VibeSync.Core.Session
{
    /// <summary>Runs work that needs no editor API on another thread, if it is large enough.</summary>
    public static class Background
    {
        /// <summary>Sizes above which another thread is faster than the main thread.</summary>
        public const long MinBytes = 256 << 10;
        public const int MinEntities = 100;

        /// <summary>Starts <paramref name="work"/>, or completes it before it returns if it is not large.</summary>
        /// <param name="wake">Called, from any thread, once the result is there.</param>
        public static Task<T> Run<T>(bool isLarge, Func<T> work, Action wake)
        {
            if (isLarge)
            {
                return Task.Run(() =>
                {
                    try { return work(); }
                    finally { wake(); }
                });
            }
            TaskCompletionSource<T> done = new TaskCompletionSource<T>();
            try { done.SetResult(work()); }
            catch (Exception error) { done.SetException(error); }
            return done.Task;
        }
    }
}
