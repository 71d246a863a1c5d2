using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A collection: the collections that it is in, and what an instance of it shows.</summary>
    public sealed class CollectionComponent : Component
    {
        public const string Name = "collection";

        static readonly string[] Colors = { "none", "red", "orange", "yellow", "green", "blue", "violet", "pink", "brown" };

        readonly string color;

        CollectionComponent(string[] parents, bool isInScene, double[] offset, string color, bool isHidden)
        {
            Parents = parents;
            IsInScene = isInScene;
            Offset = offset;
            this.color = color;
            IsHidden = isHidden;
        }

        /// <summary>The collections that it is in. Is never changed.</summary>
        public string[] Parents { get; }

        /// <summary>Whether it is also directly in the scene.</summary>
        public bool IsInScene { get; }

        /// <summary>The point that an instance shows at its own origin, in canonical space.</summary>
        public double[] Offset { get; }

        /// <summary>Whether it hides its content.</summary>
        public bool IsHidden { get; }

        public override string Key => Name;

        public override IEnumerable<string> References => Parents;

        /// <summary>Returns a copy in which a collection around it has another uuid.</summary>
        public CollectionComponent WithRenamed(string uuid, string renamed) => new CollectionComponent(
            CollectionsComponent.Rename(Parents, uuid, renamed), IsInScene, Offset, color, IsHidden);

        public static CollectionComponent Read(JsonValue json, string location)
        {
            double[] offset = Numbers.Read(json, "offset", 3, location);
            Numbers.Limit(location + ".offset", -Numbers.Largest, Numbers.Largest, offset);
            return new CollectionComponent(CollectionsComponent.ReadUuids(json, "parents", location),
                json.Required("root", location).AsBool(location + ".root"), offset,
                Numbers.CheckWord(json, "color", location, Colors),
                json.Required("hidden", location).AsBool(location + ".hidden"));
        }

        public override bool Matches(Component readBack)
        {
            CollectionComponent other = (CollectionComponent)readBack;
            return IsInScene == other.IsInScene && color == other.color && IsHidden == other.IsHidden
                && string.Join(",", Parents) == string.Join(",", other.Parents) && AreClose(Offset, other.Offset);
        }

        public override JsonValue ToJson(List<byte[]> attachments) => JsonValue.Object()
            .With("parents", CollectionsComponent.Write(Parents)).With("root", IsInScene).With("offset", Numbers.Write(Offset))
            .With("color", color).With("hidden", IsHidden);

        protected override void AddToDigest(ref Digest digest)
        {
            CollectionsComponent.AddTo(ref digest, Parents, IsInScene);
            foreach (double number in Offset) { digest.Add(number); }
            digest.Add(color);
            digest.Add(IsHidden ? 1u : 0u);
        }
    }
}
