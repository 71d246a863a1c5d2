using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes armatures and poses. An armature is kept in the record of the scene; an object that has it shows each
    /// joint by an object below itself, whose place is the pose.
    /// </summary>
    public sealed class Rigs
    {
        readonly KeptRecords kept;
        readonly MeshRecords meshes;

        /// <summary>The objects that are known to have an armature.</summary>
        readonly HashSet<ObjectKey> owners = new HashSet<ObjectKey>();

        /// <summary>The objects whose joints the batch changes.</summary>
        readonly HashSet<ObjectKey> touched = new HashSet<ObjectKey>();

        /// <summary>The objects of whose joints people hold one: they are read once that is over.</summary>
        readonly HashSet<ObjectKey> held = new HashSet<ObjectKey>();

        public Rigs(KeptRecords kept, MeshRecords meshes)
        {
            this.kept = kept;
            this.meshes = meshes;
        }

        /// <summary>The armatures of the project.</summary>
        public ArmatureRecords Armatures { get; } = new ArmatureRecords();

        /// <summary>The objects that have an armature.</summary>
        public ICollection<ObjectKey> Owners => owners;

        /// <summary>Returns the uuid of the armature that an object has; null for none. A mesh takes its place.</summary>
        public string FindUuid(GameObject target)
        {
            string uuid = kept.GetArmature(target);
            return uuid != null && Armatures.Contains(uuid) && !meshes.IsShownBy(target) ? uuid : null;
        }

        /// <summary>Returns the armature whose joints an object shows; null for none. A prefab gets no joints.</summary>
        public ArmatureComponent FindShown(GameObject target) =>
            PrefabOverrides.IsPart(target) ? null : Armatures.Find(FindUuid(target));

        /// <summary>Notes whether an object has an armature, and keeps the pose that a person gave it.</summary>
        public void Register(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            if (kept.GetArmature(target) == null)
            {
                owners.Remove(key);
                return;
            }
            owners.Add(key);
            KeepPose(target);
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key) => owners.Remove(key);

        /// <summary>Notes that a person holds a joint of an object.</summary>
        public void Hold(GameObject owner) => held.Add(ObjectKey.Of(owner));

        /// <summary>Notes that nobody holds a joint. Returns the objects of the joints that somebody held before.</summary>
        public List<GameObject> Release()
        {
            List<GameObject> released = new List<GameObject>();
            foreach (ObjectKey key in held)
            {
                if (key.Resolve() is GameObject owner && owner != null) { released.Add(owner); }
            }
            held.Clear();
            return released;
        }

        /// <summary>Returns the pose that an object shows; while a person holds a joint, the one before.</summary>
        public PoseComponent ReadPose(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            PoseComponent known = kept.GetPose(target);
            ArmatureComponent armature = owners.Contains(key) && !held.Contains(key) ? FindShown(target) : null;
            return armature == null ? known : JointObjects.Find(target).Read(armature, known);
        }

        /// <summary>Gives an object a pose.</summary>
        public void WritePose(GameObject target, PoseComponent pose)
        {
            kept.SetPose(target, pose);
            touched.Add(ObjectKey.Of(target));
        }

        /// <summary>Gives an object an armature, or takes it away.</summary>
        /// <param name="uuid">Null for none.</param>
        public void Assign(GameObject target, string uuid)
        {
            if (kept.GetArmature(target) == uuid) { return; }
            PoseComponent pose = ReadPose(target);
            kept.SetArmature(target, uuid);
            kept.SetPose(target, pose);
            ObjectKey key = ObjectKey.Of(target);
            if (uuid == null) { owners.Remove(key); }
            else { owners.Add(key); }
            touched.Add(key);
        }

        /// <summary>Creates or changes an armature. Joints that objects have posed keep their places.</summary>
        public void Write(Entity content)
        {
            foreach (GameObject owner in FindOwners(content.Uuid))
            {
                KeepPose(owner);
                touched.Add(ObjectKey.Of(owner));
            }
            Armatures.Write(content);
        }

        /// <summary>Deletes an armature.</summary>
        public void Delete(string uuid)
        {
            foreach (GameObject owner in FindOwners(uuid)) { Assign(owner, null); }
            Armatures.Delete(uuid);
        }

        /// <summary>Gives an armature a new uuid, also in its objects; returns null if there is none.</summary>
        public string RenewUuid(string uuid)
        {
            List<GameObject> users = FindOwners(uuid);
            string renewed = Armatures.RenewUuid(uuid);
            if (renewed == null) { return null; }
            foreach (GameObject owner in users) { kept.SetArmature(owner, renewed); }
            return renewed;
        }

        /// <summary>Has the objects that the batch changed show their joints at the places that it gave them.</summary>
        /// <param name="findUuid">Returns the uuid of an object.</param>
        /// <returns>Whether there are such objects.</returns>
        public bool ShowTouched(Func<ObjectKey, string> findUuid, string label)
        {
            bool isAny = touched.Count > 0;
            foreach (ObjectKey key in touched)
            {
                if (!(key.Resolve() is GameObject target) || target == null || PrefabOverrides.IsPart(target)) { continue; }
                ArmatureComponent armature = FindShown(target);
                JointObjects joints = JointObjects.Find(target);
                if (armature == null)
                {
                    joints.Remove();
                    continue;
                }
                PoseComponent pose = kept.GetPose(target);
                joints.Place(armature, pose, label);
                joints.Repair(findUuid(key) ?? "", armature, pose);
            }
            touched.Clear();
            return isAny;
        }

        void KeepPose(GameObject target)
        {
            PoseComponent pose = ReadPose(target);
            if (pose.Digest() != kept.GetPose(target).Digest()) { kept.SetPose(target, pose); }
        }

        List<GameObject> FindOwners(string armature)
        {
            List<GameObject> found = new List<GameObject>();
            foreach (ObjectKey key in owners)
            {
                bool isOwner = key.Resolve() is GameObject target && target != null && kept.GetArmature(target) == armature;
                if (isOwner) { found.Add((GameObject)key.Resolve()); }
            }
            return found;
        }
    }
}
