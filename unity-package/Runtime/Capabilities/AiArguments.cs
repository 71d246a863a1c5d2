using System;
using System.Collections.Generic;

namespace VibeSync.Capabilities
{
    /// <summary>
    /// The checked arguments of a call. An optional parameter without a default is missing if the agent left it out: ask
    /// <see cref="Has"/>. A getter of another type than the manifest's throws.
    /// </summary>
    public sealed class AiArguments
    {
        readonly IReadOnlyDictionary<string, object> values;
        readonly IReadOnlyDictionary<string, object> targets;
        readonly Func<bool> isCanceled;

        /// <param name="values">
        /// Text, long, double, bool, a list of double, or for <c>dict</c> a dictionary, by parameter.
        /// </param>
        /// <param name="targets">The objects and materials of the editor that arguments name, by parameter.</param>
        public AiArguments(IReadOnlyDictionary<string, object> values,
            IReadOnlyDictionary<string, object> targets = null, Func<bool> isCanceled = null)
        {
            this.values = values;
            this.targets = targets ?? new Dictionary<string, object>();
            this.isCanceled = isCanceled ?? (() => false);
        }

        /// <summary>The names of the arguments.</summary>
        public IEnumerable<string> Names => values.Keys;

        /// <summary>Whether the agent or the daemon asked to end a call that goes on.</summary>
        public bool IsCanceled => isCanceled();

        public bool Has(string name) => values.ContainsKey(name);

        /// <summary>
        /// The text of <c>string</c>, <c>enum</c>, <c>color</c> or a name; the absolute path of <c>file_path</c>.
        /// </summary>
        public string GetText(string name) => Get<string>(name);

        /// <summary>The value of <c>integer</c>.</summary>
        public long GetInteger(string name) => Get<long>(name);

        /// <summary>The value of <c>float</c>.</summary>
        public double GetFloat(string name) => Get<double>(name);

        public bool GetBoolean(string name) => Get<bool>(name);

        /// <summary>
        /// The three numbers of <c>vector3</c>, as the agent gave them; those of a <c>color</c> with a list as default.
        /// </summary>
        public IReadOnlyList<double> GetNumbers(string name) => Get<IReadOnlyList<double>>(name);

        /// <summary>
        /// The object of <c>dict</c>. Its values are null, bool, double, text, lists and dictionaries of such.
        /// </summary>
        public IReadOnlyDictionary<string, object> GetDictionary(string name) =>
            Get<IReadOnlyDictionary<string, object>>(name);

        /// <summary>
        /// The GameObject that an <c>object_name</c> means, or the Material of a <c>material_name</c>. Names of
        /// GameObjects are not unique, so use this, not the name.
        /// </summary>
        public T GetTarget<T>(string name) where T : class
        {
            return targets.TryGetValue(name, out object target) && target is T found ? found
                : throw new InvalidOperationException("no " + typeof(T).Name + " is named by the argument " + name);
        }

        T Get<T>(string name)
        {
            if (!values.TryGetValue(name, out object value))
            {
                throw new KeyNotFoundException("the call has no argument " + name);
            }
            return value is T typed ? typed
                : throw new InvalidCastException("the argument " + name + " is no " + typeof(T).Name);
        }
    }
}
