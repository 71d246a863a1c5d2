using System;
using System.Collections.Generic;
using VibeSync.Core.Json;

namespace VibeSync.Core.Scene
{
    /// <summary>The places that an object gives joints of its armature. A joint that is not named is at rest.</summary>
    public sealed class PoseComponent : Component
    {
        public const string Name = "pose";

        /// <summary>All joints are at rest.</summary>
        public static readonly PoseComponent AtRest = new PoseComponent(new Dictionary<string, TransformComponent>());

        readonly SortedDictionary<string, TransformComponent> joints;

        /// <param name="joints">Copied.</param>
        public PoseComponent(IDictionary<string, TransformComponent> joints)
        {
            this.joints = new SortedDictionary<string, TransformComponent>(joints, StringComparer.Ordinal);
        }

        /// <summary>The place of each joint by its uuid, in the space of the joint above or of the armature.</summary>
        public IReadOnlyDictionary<string, TransformComponent> Joints => joints;

        public override string Key => Name;

        public override bool IsDefault => joints.Count == 0;

        /// <summary>Returns the place of a joint; null if it is at rest.</summary>
        public TransformComponent Find(string uuid) => joints.TryGetValue(uuid, out TransformComponent place) ? place : null;

        public static PoseComponent Read(JsonValue json, string location)
        {
            Dictionary<string, TransformComponent> joints = new Dictionary<string, TransformComponent>();
            foreach (KeyValuePair<string, JsonValue> joint in ArmatureComponent.ReadJoints(json, location))
            {
                string at = location + ".joints." + joint.Key;
                joints.Add(Uuid.Check(joint.Key, at), TransformComponent.Read(joint.Value, at));
            }
            return new PoseComponent(joints);
        }

        public override bool Matches(Component readBack)
        {
            PoseComponent other = (PoseComponent)readBack;
            if (joints.Count != other.joints.Count) { return false; }
            foreach (KeyValuePair<string, TransformComponent> joint in joints)
            {
                TransformComponent place = other.Find(joint.Key);
                if (place == null || !joint.Value.Matches(place)) { return false; }
            }
            return true;
        }

        public override JsonValue ToJson(List<byte[]> attachments)
        {
            JsonValue members = JsonValue.Object();
            foreach (KeyValuePair<string, TransformComponent> joint in joints) { members.With(joint.Key, joint.Value.ToJson(null)); }
            return JsonValue.Object().With("joints", members);
        }

        protected override void AddToDigest(ref Digest digest)
        {
            foreach (KeyValuePair<string, TransformComponent> joint in joints)
            {
                digest.Add(joint.Key);
                foreach (double[] numbers in new[] { joint.Value.Translation, joint.Value.Rotation, joint.Value.Scale })
                {
                    foreach (double number in numbers) { digest.Add(number); }
                }
            }
        }
    }
}
