using System;
using System.Collections.Concurrent;
using System.IO;
using System.Text;
using System.Threading;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Runs the package as compiled, on the faked editor, against whatever daemon VIBESYNC_RUNTIME_DIR leads to. Reads
    /// one JSON command a line from standard input, answers one line each, and lets the editor run in between.
    /// </summary>
    public static class Program
    {
        const int FrameMilliseconds = 10;

        public static int Main()
        {
            BlockingCollection<string> lines = new BlockingCollection<string>(256);
            TextWriter output = new StreamWriter(Console.OpenStandardOutput(),
                new UTF8Encoding(false)) { AutoFlush = true };
            Thread reader = new Thread(() => Read(lines)) { IsBackground = true };
            UnityFakes.Editor.Reset();
            Engine.ProjectFolder = Path.Combine(Path.GetTempPath(), "vibesync-unity-" + Guid.NewGuid().ToString("N"));
            UnityFakes.Editor.Start();
            output.WriteLine(JsonWriter.Write(JsonValue.Object().With("ok", true).With("ready", true)
                .With("version", Application.unityVersion + ", package " + Bridge.ClientVersion)));
            reader.Start();
            while (!lines.IsCompleted)
            {
                Frame();
                if (!Wait(lines, out string line)) { continue; }
                JsonValue answer = Answer(line);
                output.WriteLine(JsonWriter.Write(answer));
                if (answer.Find("bye") != null) { break; }
            }
            UnityFakes.Editor.Quit();
            if (Directory.Exists(Engine.ProjectFolder)) { Directory.Delete(Engine.ProjectFolder, true); }
            return 0;
        }

        /// <summary>Waits for the next frame: until it is time, a script asks for it, or there is a command.</summary>
        static bool Wait(BlockingCollection<string> lines, out string line)
        {
            int signals = UnityFakes.Editor.Signals;
            for (int i = 0; i < FrameMilliseconds && UnityFakes.Editor.Signals == signals; i++)
            {
                if (lines.TryTake(out line, 1)) { return true; }
            }
            return lines.TryTake(out line);
        }

        /// <summary>Lets the editor run one frame and passes its console on.</summary>
        public static void Frame()
        {
            UnityFakes.Editor.Frame();
            foreach (string entry in Engine.Log) { Console.Error.WriteLine(entry); }
            Engine.Log.Clear();
        }

        static void Read(BlockingCollection<string> lines)
        {
            using (StreamReader input = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)))
            {
                string line;
                while ((line = input.ReadLine()) != null)
                {
                    if (line.Trim().Length > 0) { lines.Add(line); }
                }
            }
            lines.CompleteAdding();
        }

        static JsonValue Answer(string line)
        {
            try
            {
                return Commands.Run(JsonReader.Read(line)).With("ok", true);
            }
            catch (Exception error)
            {
                return JsonValue.Object().With("ok", false).With("error", error.ToString());
            }
        }
    }
}
