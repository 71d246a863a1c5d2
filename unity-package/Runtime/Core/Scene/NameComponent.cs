using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The entity's name: 1 to 255 characters, none of them a control character.</summary>
    public sealed class NameComponent : Component
    {
        const int MaxLength = 255;

        public NameComponent(string name)
        {
            Name = name;
        }

        public string Name { get; }

        public override string Key => "name";

        /// <summary>Returns the nearest name that the wire allows.</summary>
        public static NameComponent FromEditor(string name)
        {
            char[] characters = (name ?? "").ToCharArray();
            for (int i = 0; i < characters.Length; i++)
            {
                if (char.IsControl(characters[i])) { characters[i] = ' '; }
            }
            int length = Math.Min(characters.Length, MaxLength);
            // A cut inside a surrogate pair would not be valid text.
            if (length > 0 && length < characters.Length && char.IsHighSurrogate(characters[length - 1])) { length--; }
            return new NameComponent(length == 0 ? "Unnamed" : new string(characters, 0, length));
        }

        public static NameComponent Read(JsonValue json, string location)
        {
            string name = json.AsString(location);
            bool isValid = name.Length > 0;
            int characters = 0;
            foreach (char c in name)
            {
                isValid &= !char.IsControl(c);
                if (!char.IsLowSurrogate(c)) { characters++; }
            }
            if (!isValid || characters > MaxLength)
            {
                throw new SyncException(ErrorCode.MessageMalformed,
                    "a name has 1 to 255 characters, no control characters", location);
            }
            return new NameComponent(name);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => Name;

        protected override void AddToDigest(ref Digest digest) => digest.Add(Name);
    }
}
