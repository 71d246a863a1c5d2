using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Capabilities
{
    /// <summary>
    /// Checks the arguments of a call against the parameters of a tool, by the rules of <c>crates/capability</c>. The
    /// daemon has checked them before; the editor checks again, so that neither relies on the other. The vectors in
    /// tests/golden/capability-arguments.json keep them equal.
    /// </summary>
    public static class ArgumentCheck
    {
        const int MaxUnknown = 100;
        const int MaxKeyShown = 60;

        /// <summary>
        /// Returns the arguments for the handler, with defaults. They count only if <paramref name="mistakes"/> is empty.
        /// </summary>
        /// <param name="parameters">The parameters of the manifest, which the daemon has accepted.</param>
        /// <param name="roots">The folders in which absolute paths are allowed.</param>
        public static Dictionary<string, JsonValue> Check(IReadOnlyList<JsonValue> parameters, JsonValue given,
            IReadOnlyList<string> roots, List<ArgumentMistake> mistakes)
        {
            Dictionary<string, JsonValue> arguments = new Dictionary<string, JsonValue>();
            List<string> unknown = new List<string>(given.AsObject("params").Keys);
            foreach (JsonValue parameter in parameters) { unknown.Remove(parameter.RequiredString("name", "")); }
            unknown.Sort(string.CompareOrdinal);
            for (int i = 0; i < unknown.Count && i < MaxUnknown; i++)
            {
                string shown = unknown[i].Substring(0, Math.Min(MaxKeyShown, unknown[i].Length));
                mistakes.Add(new ArgumentMistake("unknown_parameter", "params[" + JsonWriter.Write(shown) + "]"));
            }
            foreach (JsonValue parameter in parameters) { CheckOne(parameter, given, roots, arguments, mistakes); }
            return arguments;
        }

        static void CheckOne(JsonValue parameter, JsonValue given, IReadOnlyList<string> roots,
            Dictionary<string, JsonValue> arguments, List<ArgumentMistake> mistakes)
        {
            string name = parameter.RequiredString("name", "");
            JsonValue value = given.Find(name);
            bool isRequired = parameter.Find("required")?.AsBool("required") ?? false;
            if (value == null && isRequired)
            {
                mistakes.Add(new ArgumentMistake("missing_parameter", "params." + name));
                return;
            }
            value = value ?? parameter.Find("default");
            if (value == null) { return; }
            try
            {
                arguments[name] = ArgumentTypes.Check(parameter, value, roots);
            }
            catch (ArgumentMistake mistake)
            {
                mistakes.Add(new ArgumentMistake(mistake.Rule, "params." + name));
            }
        }
    }
}
