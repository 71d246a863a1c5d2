using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// The objects that show the joints of one armature below the object that has it: found, compared with the armature, and
    /// repaired.
    /// </summary>
    public sealed class JointObjects
    {
        const string MoveLabel = "Move out of Armature";

        readonly Transform top;
        readonly Dictionary<string, Transform> joints = new Dictionary<string, Transform>();
        readonly List<GameObject> extra = new List<GameObject>();
        readonly List<GameObject> others = new List<GameObject>();

        JointObjects(Transform top)
        {
            this.top = top;
            Collect(top);
        }

        /// <summary>Finds the joints below an object.</summary>
        public static JointObjects Find(GameObject owner) => new JointObjects(owner.transform);

        /// <summary>Returns the object that shows the armature of a joint; null if the object is no joint.</summary>
        public static GameObject FindOwner(GameObject candidate)
        {
            if (!OpenScenes.IsJoint(candidate)) { return null; }
            Transform above = candidate.transform.parent;
            while (above != null && OpenScenes.IsJoint(above.gameObject)) { above = above.parent; }
            return above == null ? null : above.gameObject;
        }

        /// <summary>Returns the object of a joint; null if there is none.</summary>
        public Transform Find(string joint) => joints.TryGetValue(joint, out Transform found) && found != null ? found : null;

        /// <summary>
        /// Makes the joints those of an armature. A new joint, and one that was elsewhere, gets the place of the pose; the other
        /// ones keep theirs. Returns whether somebody had removed, renamed or moved a joint.
        /// </summary>
        public bool Repair(string owner, ArmatureComponent armature, PoseComponent pose)
        {
            bool isRepaired = false;
            bool isFirst = joints.Count == 0;
            foreach (GameObject other in others) { Undo.SetTransformParent(other.transform, top, MoveLabel); }
            foreach (ArmatureJoint joint in armature.Joints)
            {
                Transform above = joint.Parent == null ? top : joints[joint.Parent];
                Transform shown = Find(joint.Uuid);
                bool isNew = shown == null;
                if (isNew) { joints[joint.Uuid] = shown = Create(joint.Uuid); }
                bool isElsewhere = shown.parent != above;
                if (isElsewhere)
                {
                    shown.SetParent(above, false);
                    Placement.Write(shown, PlaceOf(joint, pose));
                }
                isRepaired |= isElsewhere && !isFirst;
                isRepaired |= Settle(shown.gameObject, joint, owner) && !isNew;
            }
            Remove(armature);
            return isRepaired;
        }

        /// <summary>Gives all joints the places of a pose, as an undo step.</summary>
        public void Place(ArmatureComponent armature, PoseComponent pose, string label)
        {
            foreach (ArmatureJoint joint in armature.Joints)
            {
                Transform shown = Find(joint.Uuid);
                NativeTransform place = PlaceOf(joint, pose);
                if (shown == null || Placement.Read(shown, default).IsSame(place)) { continue; }
                Undo.RecordObject(shown, label);
                Placement.Write(shown, place);
                PrefabOverrides.Record(shown);
            }
        }

        /// <summary>
        /// Returns the pose that the joints show. A place is that of <paramref name="known"/> while Unity shows what follows from
        /// it; so is that of a joint that is not there.
        /// </summary>
        public PoseComponent Read(ArmatureComponent armature, PoseComponent known)
        {
            Dictionary<string, TransformComponent> places = new Dictionary<string, TransformComponent>();
            foreach (KeyValuePair<string, TransformComponent> given in known.Joints) { places.Add(given.Key, given.Value); }
            foreach (ArmatureJoint joint in armature.Joints)
            {
                Transform shown = Find(joint.Uuid);
                if (shown == null) { continue; }
                NativeTransform place = Placement.Read(shown, default);
                if (place.IsSame(PlaceOf(joint, known))) { continue; }
                TransformComponent read = place.ToComponent();
                if (joint.Rest.Matches(read)) { places.Remove(joint.Uuid); }
                else { places[joint.Uuid] = read; }
            }
            return new PoseComponent(places);
        }

        /// <summary>Removes all joints. Objects of a person below them move to the object that showed the armature.</summary>
        public void Remove() => Remove(null);

        /// <summary>Removes a joint that is below no object. Objects of a person below it become roots.</summary>
        public static void RemoveStray(GameObject stray)
        {
            foreach (Transform below in stray.GetComponentsInChildren<Transform>(true))
            {
                bool isOther = below != null && !OpenScenes.IsJoint(below.gameObject) && OpenScenes.IsJoint(below.parent.gameObject);
                if (isOther) { Undo.SetTransformParent(below, null, MoveLabel); }
            }
            Object.DestroyImmediate(stray);
        }

        /// <summary>Removes the joints that an armature does not have.</summary>
        void Remove(ArmatureComponent armature)
        {
            if (armature == null)
            {
                foreach (GameObject other in others) { Undo.SetTransformParent(other.transform, top, MoveLabel); }
            }
            foreach (GameObject each in extra)
            {
                if (each != null) { Object.DestroyImmediate(each); }
            }
            foreach (KeyValuePair<string, Transform> joint in joints)
            {
                bool isKept = armature != null && armature.Find(joint.Key) != null;
                if (!isKept && joint.Value != null) { Object.DestroyImmediate(joint.Value.gameObject); }
            }
        }

        static NativeTransform PlaceOf(ArmatureJoint joint, PoseComponent pose) =>
            NativeTransform.From(pose.Find(joint.Uuid) ?? joint.Rest, default);

        static Transform Create(string joint)
        {
            GameObject created = new GameObject("Joint");
            created.AddComponent<VibeSyncJoint>().Joint = joint;
            return created.transform;
        }

        /// <summary>Sets name, owner and visibility of a joint. Returns whether the name or the visibility was another one.</summary>
        static bool Settle(GameObject shown, ArmatureJoint joint, string owner)
        {
            VibeSyncJoint marker = shown.GetComponent<VibeSyncJoint>();
            if (marker.Owner != owner) { marker.Owner = owner; }
            bool isChanged = shown.name != joint.Name || !shown.activeSelf;
            if (shown.name != joint.Name) { shown.name = joint.Name; }
            if (!shown.activeSelf) { shown.SetActive(true); }
            return isChanged;
        }

        void Collect(Transform above)
        {
            for (int i = 0; i < above.childCount; i++)
            {
                Transform child = above.GetChild(i);
                VibeSyncJoint marker = child.GetComponent<VibeSyncJoint>();
                if (marker == null)
                {
                    if (above != top && OpenScenes.IsSynchronized(child.gameObject)) { others.Add(child.gameObject); }
                    continue;
                }
                // An undo may revive a joint that was made anew.
                if (joints.ContainsKey(marker.Joint)) { extra.Add(child.gameObject); }
                else { joints.Add(marker.Joint, child); }
                Collect(child);
            }
        }
    }
}
