using System;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Discovery;
using VibeSync.Core.Previews;
using VibeSync.Core.Views;

namespace VibeSync.Core.Session
{
    /// <summary>The settings of a session and its description of itself in the handshake.</summary>
    public sealed class SessionOptions
    {
        /// <summary>One id for each editor process; the same over reconnects and domain reloads.</summary>
        public string InstanceId;

        public string EditorVersion;

        public string ClientVersion;

        /// <summary>The time budget of a tick, in milliseconds.</summary>
        public double TickMilliseconds = 8;

        /// <summary>The same while nobody uses the editor and work is left over; never less than beside a user.</summary>
        public double RestMilliseconds = 100;

        /// <summary>Asks the editor for a tick soon; called from any thread.</summary>
        public Action Wake = () => { };

        /// <summary>The add-ons of the editor; null in an editor that offers none.</summary>
        public ICapabilityHost Capabilities;

        /// <summary>The scene for calls of add-ons; set together with <see cref="Capabilities"/>.</summary>
        public ICallScene CallScene;

        /// <summary>Pictures and selection of the editor; null in an editor that offers none.</summary>
        public IViewScene Views;

        /// <summary>The previews in the editor; null in an editor that shows none.</summary>
        public ShownPreviews Previews;

        public Platform Platform = Platform.Unix;

        /// <summary>Called after changes were sent, and after a batch was applied and answered.</summary>
        public Action<SyncEvent> Synced = _ => { };
    }
}
