using System;

namespace VibeSync.Capabilities
{
    /// <summary>
    /// Marks the handler of a tool. The handler is a static method without parameters, or with one
    /// <see cref="AiArguments"/>. It returns an <see cref="AiResult"/>; anything else is the data of a success. Its
    /// assembly definition must lie in the folder of the add-on's <c>addon_ai.json</c>, or below it.
    /// </summary>
    [AttributeUsage(AttributeTargets.Method, Inherited = false)]
    public sealed class AiCommandAttribute : Attribute
    {
        /// <param name="addon">The id of the add-on, as its manifest has it.</param>
        /// <param name="tool">The name of the tool, as the manifest has it.</param>
        public AiCommandAttribute(string addon, string tool)
        {
            Addon = addon;
            Tool = tool;
        }

        /// <summary>The id of the add-on.</summary>
        public string Addon { get; }

        /// <summary>The name of the tool.</summary>
        public string Tool { get; }
    }
}
