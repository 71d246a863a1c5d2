using System;
using System.Collections.Concurrent;
using System.IO;
using System.Text;
using System.Threading;
using UnityEngine;
using UnityFakes;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;
using VibeSync.Editor;

namespace VibeSync.Driver
{
    /// <summary>
    /// Runs the compiled package on the faked editor, with the daemon that VIBESYNC_RUNTIME_DIR leads to. Reads one
    /// JSON command a line from standard input, writes one answer a line, and runs editor frames in between. The Unity
    /// project is in the folder VIBESYNC_TEST_UNITY_PROJECT, else in a temporary one.
    /// </summary>
    public static class Program
    {
        const int FrameMilliseconds = 10;

        static int frames;

        public static int Main()
        {
            BlockingCollection<string> lines = new BlockingCollection<string>(256);
            TextWriter output = new StreamWriter(Console.OpenStandardOutput(),
                new UTF8Encoding(false)) { AutoFlush = true };
            Thread reader = new Thread(() => Read(lines)) { IsBackground = true };
            UnityFakes.Editor.Reset();
            string folder = Environment.GetEnvironmentVariable("VIBESYNC_TEST_UNITY_PROJECT");
            bool isTemporary = string.IsNullOrEmpty(folder);
            Engine.ProjectFolder = isTemporary
                ? Path.Combine(Path.GetTempPath(), "vibesync-unity-" + Guid.NewGuid().ToString("N")) : folder;
            UnityFakes.Editor.Start();
            output.WriteLine(JsonWriter.Write(JsonValue.Object().With("ok", true).With("ready", true)
                .With("version", Application.unityVersion + ", package " + Bridge.ClientVersion)));
            reader.Start();
            while (!lines.IsCompleted)
            {
                RunFrame();
                if (!WaitForCommand(lines, out string line)) { continue; }
                JsonValue answer = Answer(line);
                output.WriteLine(JsonWriter.Write(answer));
                if (answer.Find("bye") != null) { break; }
            }
            UnityFakes.Editor.Quit();
            if (isTemporary && Directory.Exists(Engine.ProjectFolder)) { Directory.Delete(Engine.ProjectFolder, true); }
            return 0;
        }

        /// <summary>
        /// Waits until the next frame is due, a script asks for one, or a command arrives. Returns true for a command.
        /// </summary>
        static bool WaitForCommand(BlockingCollection<string> lines, out string line)
        {
            int signals = UnityFakes.Editor.Signals;
            for (int i = 0; i < FrameMilliseconds && UnityFakes.Editor.Signals == signals; i++)
            {
                if (lines.TryTake(out line, 1)) { return true; }
            }
            return lines.TryTake(out line);
        }

        /// <summary>Whether a person moves the mouse all the time.</summary>
        internal static bool IsUsed { get; set; }

        /// <summary>Runs one frame of the editor and copies its console to standard error.</summary>
        public static void RunFrame()
        {
            if (IsUsed) { UnityFakes.Editor.MoveMouse(frames++, 0); }
            double began = Watch.Now;
            UnityFakes.Editor.Frame();
            Watch.Look(began);
            ChooseProject();
            foreach (string entry in Engine.Log) { Console.Error.WriteLine(entry); }
            Engine.Log.Clear();
        }

        /// <summary>Presses the button of the tests' project, as a person does: the scenes are in no project.</summary>
        static void ChooseProject()
        {
            string folder = Environment.GetEnvironmentVariable("VIBESYNC_TEST_PROJECT");
            foreach (DiscoveryFile offer in Bridge.Status.Offers)
            {
                if (offer.ProjectRoot == folder) { Bridge.Join(offer.ProjectId); }
            }
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
