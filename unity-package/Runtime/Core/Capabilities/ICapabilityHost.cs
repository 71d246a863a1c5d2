using System;
using System.Collections.Generic;
using VibeSync.Capabilities;

namespace VibeSync.Core.Capabilities
{
    /// <summary>The add-ons of the editor and their handlers. All calls come from the main thread.</summary>
    public interface ICapabilityHost
    {
        /// <summary>Looks for add-ons again if something may have changed. Files are read on another thread.</summary>
        void Refresh();

        /// <summary>The add-ons; null until they were read for the first time. Another list after each change.</summary>
        IReadOnlyList<KnownAddon> Addons { get; }

        /// <summary>The packages that the editor has, and the ids of add-ons.</summary>
        IReadOnlyList<string> EnabledNames { get; }

        /// <summary>The names of the tools that have exactly one usable handler in the add-on's folder.</summary>
        IReadOnlyList<string> ListHandlers(KnownAddon addon);

        /// <summary>Returns the handler of a tool; null with the reason if it has none. Runs no code of the add-on.</summary>
        Func<AiArguments, object> FindHandler(KnownAddon addon, string tool, out string problem);

        /// <summary>Returns the GameObject of a uuid; null if there is none.</summary>
        object FindObject(string uuid, out string name);

        /// <summary>Returns the only material of that name; null if there is none, or more than one.</summary>
        object FindMaterial(string name);

        /// <summary>The folder of the open scene; null while it has no file.</summary>
        string SceneFolder { get; }

        /// <summary>Passes each line that is logged to <paramref name="add"/> until the result is disposed.</summary>
        IDisposable CaptureLog(Action<string> add);

        /// <summary>Describes an exception of a handler without the user's folders.</summary>
        string Describe(Exception error);
    }
}
