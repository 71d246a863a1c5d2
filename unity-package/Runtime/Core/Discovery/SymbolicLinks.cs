using System;
using System.Runtime.InteropServices;

namespace VibeSync.Core.Discovery
{
    /// <summary>Follows symbolic links, for which .NET Standard 2.1 has no call.</summary>
    public static class SymbolicLinks
    {
        /// <summary>
        /// Returns the path without links; the path itself if it does not exist, and on Windows, where links are rare.
        /// </summary>
        public static string Resolve(string path, Platform platform)
        {
            if (platform == Platform.Windows) { return path; }
            try
            {
                IntPtr resolved = RealPath(path, IntPtr.Zero);
                if (resolved == IntPtr.Zero) { return path; }
                string text = Marshal.PtrToStringUTF8(resolved);
                Free(resolved);
                return text;
            }
            catch (Exception error) when (error is DllNotFoundException || error is EntryPointNotFoundException)
            {
                return path;
            }
        }

        [DllImport("libc", EntryPoint = "realpath")]
        static extern IntPtr RealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, IntPtr buffer);

        [DllImport("libc", EntryPoint = "free")]
        static extern void Free(IntPtr memory);
    }
}
