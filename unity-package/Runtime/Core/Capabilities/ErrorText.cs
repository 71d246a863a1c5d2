using System;
using System.Reflection;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Describes an exception of a handler for an agent: bounded, and without the user's folders.</summary>
    public static class ErrorText
    {
        const int MaxStack = 8 << 10;
        const int MaxFrames = 20;

        /// <summary>Returns the exception that the handler threw, without the wrappers of reflection.</summary>
        public static Exception Unwrap(Exception error)
        {
            while (error.InnerException != null
                && (error is TargetInvocationException || error is TypeInitializationException))
            {
                error = error.InnerException;
            }
            return error;
        }

        /// <summary>Returns the type, the message and the innermost frames of the stack.</summary>
        /// <param name="folders">Folders and the signs in their place, the longest first.</param>
        public static string Describe(Exception error, params (string Folder, string Sign)[] folders)
        {
            string[] frames = (error.StackTrace ?? "").Split(new[] { '\n' }, StringSplitOptions.RemoveEmptyEntries);
            string stack = string.Join("\n", frames, 0, Math.Min(frames.Length, MaxFrames));
            string text = error.GetType().Name + ": " + error.Message + "\n" + stack;
            foreach ((string folder, string sign) in folders)
            {
                if (string.IsNullOrEmpty(folder)) { continue; }
                text = text.Replace(folder, sign).Replace(folder.Replace('\\', '/'), sign);
            }
            return ShortText.Cut(text, MaxStack);
        }
    }
}
