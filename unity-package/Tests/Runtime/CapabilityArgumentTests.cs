using System.Collections.Generic;
using System.Linq;
using System.Text;
using NUnit.Framework;
using VibeSync.Core;
using VibeSync.Core.Capabilities;
using VibeSync.Core.Json;

namespace VibeSync.Tests.Core
{
    /// <summary>The vectors of arguments and paths that Rust and Python pass too.</summary>
    public sealed class CapabilityArgumentTests
    {
        [Test]
        public void ArgumentsMatchTheGoldenOnes()
        {
            int count = 0;
            foreach (JsonValue each in Golden.List(Golden.Read("capability-arguments.json"), null))
            {
                JsonValue entry = Expand(each);
                string name = entry.RequiredString("name", "");
                bool isJson = entry.Find("is_json")?.AsBool("") ?? true;
                Assert.That(CheckEntry(entry, isJson), Is.EqualTo(Write(entry.Required("expected", ""))), name);
                count++;
            }
            Assert.That(count, Is.GreaterThan(150));
        }

        [Test]
        public void PathsMatchTheGoldenOnes()
        {
            foreach (JsonValue each in Golden.List(Golden.Read("capability-paths.json"), null))
            {
                JsonValue entry = Expand(each);
                string path = entry.RequiredString("path", "");
                string[] roots = (entry.Find("roots")?.AsArray("") ?? new List<JsonValue>())
                    .Select(root => root.AsString("")).ToArray();
                JsonValue expected = entry.Required("expected", "");
                Assert.That(ArgumentPath.Normalize(path, roots),
                    Is.EqualTo(expected.IsNull ? null : expected.AsString("")), path);
            }
        }

        [Test]
        public void TypeThatIsNotKnownIsRefused()
        {
            JsonValue parameter = JsonReader.Read("{\"name\": \"p\", \"type\": \"__import__\"}");
            Assert.That(Check(new List<JsonValue> { parameter }, JsonReader.Read("{\"p\": 1}")),
                Is.EqualTo("[[\"parameter_type\",\"params.p\"]]"));
        }

        /// <summary>Returns the arguments or the mistakes as JSON; the expected ones where the text is no JSON here.</summary>
        static string CheckEntry(JsonValue entry, bool isJson)
        {
            JsonValue given;
            try
            {
                given = JsonReader.Read(entry.RequiredString("params", ""));
            }
            catch (SyncException) when (!isJson)
            {
                return Write(entry.Required("expected", ""));
            }
            return Check(entry.Required("parameters", "").AsArray(""), given);
        }

        static string Check(List<JsonValue> parameters, JsonValue given)
        {
            List<ArgumentMistake> mistakes = new List<ArgumentMistake>();
            Dictionary<string, JsonValue> arguments = ArgumentCheck.Check(parameters, given, new string[0], mistakes);
            JsonValue result = JsonValue.Object();
            foreach (KeyValuePair<string, JsonValue> argument in arguments) { result.With(argument.Key, argument.Value); }
            return mistakes.Count == 0 ? Write(result)
                : Write(JsonValue.Array(mistakes.Select(each => JsonValue.Array(each.Rule, each.Path)).ToArray()));
        }

        /// <summary>Writes a value with the members of its objects in order, because the order has no meaning.</summary>
        static string Write(JsonValue value)
        {
            return JsonWriter.Write(Order(value));
        }

        static JsonValue Order(JsonValue value)
        {
            if (value.Kind == JsonKind.Array) { return JsonValue.Array(value.AsArray("").Select(Order).ToArray()); }
            if (value.Kind != JsonKind.Object) { return value; }
            JsonValue ordered = JsonValue.Object();
            foreach (KeyValuePair<string, JsonValue> member in value.AsObject("")
                .OrderBy(each => each.Key, System.StringComparer.Ordinal))
            {
                ordered.With(member.Key, Order(member.Value));
            }
            return ordered;
        }

        /// <summary>Puts the repeated text of an entry in the place of its mark.</summary>
        static JsonValue Expand(JsonValue entry)
        {
            JsonValue repeat = entry.Find("repeat");
            if (repeat == null) { return entry; }
            List<JsonValue> parts = repeat.AsArray("");
            string unit = JsonWriter.Write(parts[1]);
            StringBuilder text = new StringBuilder();
            for (long i = parts[2].AsInteger(""); i > 0; i--) { text.Append(unit, 1, unit.Length - 2); }
            JsonValue rest = JsonValue.Object();
            foreach (KeyValuePair<string, JsonValue> member in entry.AsObject(""))
            {
                if (member.Key != "repeat") { rest.With(member.Key, member.Value); }
            }
            return JsonReader.Read(JsonWriter.Write(rest).Replace(parts[0].AsString(""), text.ToString()));
        }
    }
}
