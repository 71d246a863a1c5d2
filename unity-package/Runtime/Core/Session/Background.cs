using System;
using System.Threading.Tasks;

namespace VibeSync.Core.Session
{
    /// <summary>Work that needs nothing of the editor, off its main thread where it is worth the detour.</summary>
    public static class Background
    {
        /// <summary>So many bytes or entities are worth another thread; below that the way there costs more.</summary>
        public const long WorthwhileBytes = 256 << 10;
        public const int WorthwhileEntities = 100;

        /// <summary>Starts <paramref name="work"/>; where it is not worth it, the task that returns is complete.</summary>
        /// <param name="wake">Called, on whatever thread, once the result is there.</param>
        public static Task<T> Run<T>(bool worthwhile, Func<T> work, Action wake)
        {
            if (worthwhile)
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
