using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>A joint of an armature: a bone of Blender. It points along its own Y axis.</summary>
    public sealed class ArmatureJoint
    {
        /// <summary>The shortest joint, in meters.</summary>
        const double Shortest = 1e-6;

        static readonly string[] Scales = { "full", "fix_shear", "aligned", "average", "none", "none_legacy" };

        static readonly double[] NoScale = { 1, 1, 1 };

        readonly double length;
        readonly string inheritScale;
        readonly bool inheritsRotation, movesLocally;

        ArmatureJoint(string uuid, string name, string parent, double length, bool deforms, string inheritScale, bool inheritsRotation,
            bool movesLocally, TransformComponent rest)
        {
            Uuid = uuid;
            Name = name;
            Parent = parent;
            this.length = length;
            Deforms = deforms;
            this.inheritScale = inheritScale;
            this.inheritsRotation = inheritsRotation;
            this.movesLocally = movesLocally;
            Rest = rest;
        }

        public string Uuid { get; }

        /// <summary>Unique within the armature. The uuid is the address.</summary>
        public string Name { get; }

        /// <summary>The uuid of the joint above; null for none.</summary>
        public string Parent { get; }

        /// <summary>Whether it deforms meshes.</summary>
        public bool Deforms { get; }

        /// <summary>Its place at rest, in the space of the joint above or of the armature, without a scale.</summary>
        public TransformComponent Rest { get; }

        /// <summary>Reads and checks a joint; throws VS-3003 or VS-3004 at the fault.</summary>
        internal static ArmatureJoint Read(string uuid, JsonValue json, string location)
        {
            string name = ShapeKey.CheckName(json.RequiredString("name", location), location + ".name");
            double length = Numbers.Read(json, "length", location);
            Numbers.Limit(location + ".length", Shortest, Numbers.Largest, length);
            JsonValue rest = json.Required("rest", location);
            JsonValue place = JsonValue.Object().With("translation", rest.Required("translation", location + ".rest"))
                .With("rotation", rest.Required("rotation", location + ".rest")).With("scale", Numbers.Write(NoScale));
            return new ArmatureJoint(Core.Uuid.Check(uuid, location), name,
                SlotsComponent.ReadUuid(json.Required("parent", location), location + ".parent"), length,
                ReadFlag(json, "deform", location), Numbers.CheckWord(json, "inherit_scale", location, Scales),
                ReadFlag(json, "inherit_rotation", location), ReadFlag(json, "local_location", location),
                TransformComponent.Read(place, location + ".rest"));
        }

        static bool ReadFlag(JsonValue json, string key, string location) =>
            json.Required(key, location).AsBool(location + "." + key);

        internal bool Matches(ArmatureJoint other) => Name == other.Name && Parent == other.Parent && Deforms == other.Deforms
            && inheritScale == other.inheritScale && inheritsRotation == other.inheritsRotation
            && movesLocally == other.movesLocally && Component.AreClose(length, other.length) && Rest.Matches(other.Rest);

        internal JsonValue ToJson() => JsonValue.Object().With("name", Name).With("parent", Parent).With("length", length)
            .With("deform", Deforms).With("inherit_scale", inheritScale).With("inherit_rotation", inheritsRotation)
            .With("local_location", movesLocally).With("rest", JsonValue.Object()
                .With("translation", Numbers.Write(Rest.Translation)).With("rotation", Numbers.Write(Rest.Rotation)));

        internal void AddTo(ref Digest digest)
        {
            digest.Add(Uuid);
            digest.Add(Name);
            digest.Add(Parent);
            digest.Add(length);
            digest.Add((Deforms ? 1u : 0u) + (inheritsRotation ? 2u : 0u) + (movesLocally ? 4u : 0u));
            digest.Add(inheritScale);
            foreach (double number in Rest.Translation) { digest.Add(number); }
            foreach (double number in Rest.Rotation) { digest.Add(number); }
        }
    }
}
