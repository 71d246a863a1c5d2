using System;
using VibeSync.Capabilities;

namespace VibeSync.Tests.Adapter
{
    /// <summary>The handlers of the add-on of <see cref="CapabilityHarness"/>. A test sets what they do.</summary>
    public static class CapabilityHandlers
    {
        public const string Addon = "test_tools";

        /// <summary>The code of the tool `act`.</summary>
        public static Func<AiArguments, object> Act { get; set; }

        /// <summary>The number of objects of add-ons that were made, and of type initializers that ran.</summary>
        public static int Touched { get; set; }

        [AiCommand(Addon, "act")]
        static object Run(AiArguments arguments) => Act(arguments);

        [AiCommand(Addon, "twice")]
        static void First()
        {
        }

        [AiCommand(Addon, "twice")]
        static void Second()
        {
        }

        [AiCommand(Addon, "other_form")]
        static void TakesText(string text)
        {
        }

        [AiCommand("another_addon", "act")]
        static void OfAnotherAddon()
        {
        }
    }

    /// <summary>Notes that its type initializer ran.</summary>
    public static class CapabilityWithState
    {
        static readonly int Number = ++CapabilityHandlers.Touched;

        static CapabilityWithState()
        {
        }

        [AiCommand(CapabilityHandlers.Addon, "with_state")]
        static object Run() => Number;
    }

    /// <summary>Has a handler that needs an object, so that it is none.</summary>
    public sealed class CapabilityInstance
    {
        public CapabilityInstance()
        {
            CapabilityHandlers.Touched++;
        }

        [AiCommand(CapabilityHandlers.Addon, "of_instance")]
        public object Run() => null;
    }
}
