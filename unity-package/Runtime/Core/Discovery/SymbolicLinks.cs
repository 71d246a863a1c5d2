using System;
using System.Runtime.InteropServices;
using System.Text;

namespace VibeSync.Core.Discovery
{
    /// <summary>Follows symbolic links, for which neither .NET Standard 2.1 nor .NET Framework 4.8 has a call.</summary>
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
                string text = ReadUtf8(resolved);
                Free(resolved);
                return text;
            }
            catch (Exception error) when (error is DllNotFoundException || error is EntryPointNotFoundException)
            {
                return path;
            }
        }

        /// <summary>Reads a text up to its zero byte. .NET Framework 4.8 has no call for it.</summary>
        static string ReadUtf8(IntPtr text)
        {
            int length = 0;
            while (Marshal.ReadByte(text, length) != 0) { length++; }
            byte[] bytes = new byte[length];
            Marshal.Copy(text, bytes, 0, length);
            return Encoding.UTF8.GetString(bytes);
        }

        [DllImport("libc", EntryPoint = "realpath")]
        static extern IntPtr RealPath([MarshalAs(UnmanagedType.LPUTF8Str)] string path, IntPtr buffer);

        [DllImport("libc", EntryPoint = "free")]
        static extern void Free(IntPtr memory);
    }
}
