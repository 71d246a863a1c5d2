using System;
using System.Collections.Generic;
using VibeSync.Capabilities;
using VibeSync.Core.Discovery;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>Makes the arguments for a handler of those of a command.</summary>
    public static class CallArguments
    {
        /// <summary>Returns the arguments; null with a sentence for the agent if one is wrong.</summary>
        public static AiArguments Make(AddonCommand command, IReadOnlyList<JsonValue> parameters, ICapabilityHost host,
            string projectRoot, Platform platform, Func<bool> isCanceled, out string problem)
        {
            List<ArgumentMistake> mistakes = new List<ArgumentMistake>();
            // The project's folder is the only one of which the editor knows that it is allowed.
            Dictionary<string, JsonValue> given = ArgumentCheck.Check(parameters, command.Params,
                new[] { projectRoot }, mistakes);
            Dictionary<string, object> values = new Dictionary<string, object>();
            Dictionary<string, object> targets = new Dictionary<string, object>();
            foreach (JsonValue parameter in parameters)
            {
                string name = parameter.RequiredString("name", "");
                if (!given.TryGetValue(name, out JsonValue value)) { continue; }
                try
                {
                    string type = parameter.RequiredString("type", "");
                    object converted = ArgumentValues.Convert(type, value);
                    values[name] = Resolve(type, name, converted, command, host, projectRoot, platform, targets);
                }
                catch (ArgumentMistake mistake)
                {
                    mistakes.Add(new ArgumentMistake(mistake.Rule, "params." + name));
                }
            }
            problem = string.Join(", ", mistakes.ConvertAll(mistake => mistake.Path + ": " + mistake.Rule));
            return mistakes.Count == 0 ? new AiArguments(values, targets, isCanceled) : null;
        }

        static object Resolve(string type, string name, object value, AddonCommand command, ICapabilityHost host,
            string projectRoot, Platform platform, Dictionary<string, object> targets)
        {
            switch (type)
            {
                case "object_name":
                    string present = null;
                    bool isKnown = command.Resolved.TryGetValue(name, out string uuid)
                        && (targets[name] = host.FindObject(uuid, out present)) != null;
                    return isKnown ? present : throw new ArgumentMistake("no such object");
                case "material_name":
                    targets[name] = host.FindMaterial((string)value)
                        ?? throw new ArgumentMistake("not the name of exactly one material");
                    return value;
                case "collection_name": throw new ArgumentMistake("Unity has no collections");
                case "file_path":
                    return ArgumentValues.ResolvePath((string)value, projectRoot, host.SceneFolder, platform);
                default: return value;
            }
        }
    }
}
