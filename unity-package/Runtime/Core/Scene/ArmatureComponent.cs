using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The joints of an armature at rest, in canonical space.</summary>
    public sealed class ArmatureComponent : Component
    {
        public const string Name = "armature";

        /// <summary>The most joints of an armature.</summary>
        public const int MostJoints = 4096;

        readonly Dictionary<string, ArmatureJoint> byUuid = new Dictionary<string, ArmatureJoint>();
        readonly List<ArmatureJoint> joints = new List<ArmatureJoint>();

        ArmatureComponent()
        {
        }

        /// <summary>The joints, each after the one above it. Is never changed.</summary>
        public IReadOnlyList<ArmatureJoint> Joints => joints;

        public override string Key => Name;

        /// <summary>Returns a joint; null if there is none with this uuid.</summary>
        public ArmatureJoint Find(string uuid) => byUuid.TryGetValue(uuid, out ArmatureJoint joint) ? joint : null;

        /// <summary>Returns a joint by its name; null if there is none.</summary>
        public ArmatureJoint FindNamed(string name) => joints.Find(joint => joint.Name == name);

        public static ArmatureComponent Read(JsonValue json, string location)
        {
            string at = location + ".joints";
            Dictionary<string, JsonValue> members = ReadJoints(json, location);
            List<string> uuids = new List<string>(members.Keys);
            // The order on the wire means nothing.
            uuids.Sort(StringComparer.Ordinal);
            ArmatureComponent armature = new ArmatureComponent();
            HashSet<string> names = new HashSet<string>();
            foreach (string uuid in uuids)
            {
                ArmatureJoint joint = ArmatureJoint.Read(uuid, members[uuid], at + "." + uuid);
                armature.byUuid.Add(uuid, joint);
                if (!names.Add(joint.Name)) { throw MakeError("two joints have the same name", at + "." + uuid + ".name"); }
            }
            HashSet<string> placed = new HashSet<string>();
            foreach (string uuid in uuids) { armature.Place(uuid, placed, at); }
            return armature;
        }

        /// <summary>Returns the members of a component whose keys are the uuids of joints.</summary>
        internal static Dictionary<string, JsonValue> ReadJoints(JsonValue json, string location)
        {
            Dictionary<string, JsonValue> members = json.Required("joints", location).AsObject(location + ".joints");
            return members.Count <= MostJoints ? members : throw MakeError("too many joints", location + ".joints");
        }

        /// <summary>Adds a joint to the list, after those above it. Throws VS-3004 if they lead back to it, or to none.</summary>
        void Place(string uuid, HashSet<string> placed, string location)
        {
            List<ArmatureJoint> line = new List<ArmatureJoint>();
            HashSet<string> entered = new HashSet<string>();
            for (string next = uuid; next != null && !placed.Contains(next); next = line[line.Count - 1].Parent)
            {
                ArmatureJoint joint = Find(next);
                if (joint == null || !entered.Add(next))
                {
                    throw MakeError("a way up does not end", location + "." + uuid + ".parent");
                }
                line.Add(joint);
            }
            line.Reverse();
            joints.AddRange(line);
            placed.UnionWith(entered);
        }

        static SyncException MakeError(string message, string location) =>
            new SyncException(ErrorCode.ComponentInvalid, message, location);

        public override bool Matches(Component readBack)
        {
            ArmatureComponent other = (ArmatureComponent)readBack;
            return joints.Count == other.joints.Count
                && joints.TrueForAll(joint => other.Find(joint.Uuid) is ArmatureJoint same && joint.Matches(same));
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue members = JsonValue.Object();
            foreach (ArmatureJoint joint in joints) { members.With(joint.Uuid, joint.ToJson()); }
            return JsonValue.Object().With("joints", members);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            // The order follows from uuids and parents.
            foreach (ArmatureJoint joint in joints) { joint.AddTo(ref digest); }
        }
    }
}
