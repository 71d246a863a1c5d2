using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Keeps the objects of joints as the armatures have them, and the bones of meshes as the joints are, in
    /// <see cref="Rounds"/>. Undo, copies and people may change names and order of joints, which a round repairs. Places of
    /// joints are the pose, and are left alone.
    /// </summary>
    public sealed class RigView
    {
        readonly SceneIndex index;
        readonly Rounds rounds;
        bool mayHaveStrays = true;

        public RigView(SceneIndex index)
        {
            this.index = index;
            rounds = new Rounds(Begin, Show);
        }

        /// <summary>Requests a round: something in the scene has changed.</summary>
        public void Mark() => rounds.Mark();

        /// <summary>Requests a search for joints that are below no armature, as after a paste.</summary>
        public void MarkStrays()
        {
            mayHaveStrays = true;
            Mark();
        }

        /// <summary>Continues the round, or begins one if it is requested or due.</summary>
        public void Advance(Budget budget, double now) => rounds.Advance(budget, now);

        /// <summary>
        /// Notes whose joints a person holds with the mouse. Returns the objects whose joints are held no longer, and whose
        /// pose may be another one.
        /// </summary>
        /// <param name="isHolding">Whether the person holds the selected objects.</param>
        public List<GameObject> NoteHeld(bool isHolding)
        {
            if (!isHolding) { return index.Rigs.Release(); }
            foreach (GameObject selected in Selection.gameObjects)
            {
                GameObject owner = JointObjects.FindOwner(selected);
                if (owner != null) { index.Rigs.Hold(owner); }
            }
            return new List<GameObject>();
        }

        IEnumerable<ObjectKey> Begin()
        {
            if (mayHaveStrays) { RemoveStrays(); }
            mayHaveStrays = false;
            List<ObjectKey> round = new List<ObjectKey>(index.Rigs.Owners);
            // Bones are joints, so those come first.
            round.AddRange(index.Skins.Begin());
            return round;
        }

        void Show(ObjectKey key)
        {
            if (!(key.Resolve() is GameObject target) || target == null) { return; }
            if (index.Rigs.Owners.Contains(key)) { ShowJoints(key, target); }
            index.Skins.Show(key, null);
        }

        void ShowJoints(ObjectKey key, GameObject target)
        {
            ArmatureComponent armature = index.Rigs.FindShown(target);
            if (PrefabOverrides.IsPart(target))
            {
                index.Unsupported.Report("armatures of prefab instances", target);
                return;
            }
            JointObjects joints = JointObjects.Find(target);
            if (armature == null)
            {
                joints.Remove();
                return;
            }
            PoseComponent pose = index.Kept.GetPose(target);
            bool isRepaired = joints.Repair(index.FindUuid(key) ?? "", armature, pose);
            if (isRepaired) { index.Unsupported.Report("names and order of the joints of an armature", target); }
        }

        /// <summary>Removes the joints that are below no object with an armature.</summary>
        void RemoveStrays()
        {
            HashSet<GameObject> tops = new HashSet<GameObject>();
            List<GameObject> strays = new List<GameObject>();
            foreach (VibeSyncJoint marker in OpenScenes.FindAllShown<VibeSyncJoint>())
            {
                GameObject owner = JointObjects.FindOwner(marker.gameObject);
                bool isRight = PrefabOverrides.IsPart(marker.gameObject) || (owner != null && index.Rigs.FindShown(owner) != null);
                if (isRight) { continue; }
                if (owner == null) { strays.Add(marker.gameObject); }
                else { tops.Add(owner); }
            }
            foreach (GameObject top in tops) { JointObjects.Find(top).Remove(); }
            foreach (GameObject stray in strays)
            {
                if (stray != null) { JointObjects.RemoveStray(stray); }
            }
        }
    }
}
