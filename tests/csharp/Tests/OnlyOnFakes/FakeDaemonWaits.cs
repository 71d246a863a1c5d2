using System;
using NUnit.Framework;
using VibeSync.Core.Json;
using VibeSync.Core.Wire;

namespace VibeSync.Tests
{
    /// <summary>Waits for frames of the client while a test on the fakes runs the frames of the editor itself.</summary>
    public static class FakeDaemonWaits
    {
        /// <summary>Runs the client until it sends a frame of the type; drops frames of other types.</summary>
        public static Frame Expect(this FakeDaemon daemon, string type, Action pump, double seconds = 10)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < end)
            {
                pump();
                if (daemon.TryReceive(out Frame frame, 5) && frame.Type == type) { return frame; }
            }
            throw new AssertionException("no " + type + " arrived");
        }

        /// <summary>Runs the client for a while and asserts that it sends no frame of the type.</summary>
        public static void ExpectNone(this FakeDaemon daemon, string type, Action pump, double seconds = 0.3)
        {
            DateTime end = DateTime.UtcNow.AddSeconds(seconds);
            while (DateTime.UtcNow < end)
            {
                pump();
                if (daemon.TryReceive(out Frame frame, 5))
                {
                    Assert.That(frame.Type, Is.Not.EqualTo(type), JsonWriter.Write(frame.Header));
                }
            }
        }

        /// <summary>Answers the inventory with `sync`; the client is then connected.</summary>
        public static Frame Sync(this FakeDaemon daemon, Action pump, JsonValue want = null, int owed = 0)
        {
            Frame inventory = daemon.Expect("inventory", pump);
            daemon.AnswerInventory(want, owed);
            return inventory;
        }
    }
}
