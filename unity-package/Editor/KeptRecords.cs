using System;
using System.Collections.Generic;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Reads and writes the synchronized values of objects for which Unity has no field.</summary>
    public sealed class KeptRecords
    {
        /// <summary>The most poses that are remembered.</summary>
        const int MaxPoses = 1000;

        readonly Identities identities;
        readonly List<Action> reverts = new List<Action>();

        /// <summary>The poses that were read last, with their texts: they are large, and read in each tick.</summary>
        readonly Dictionary<ObjectKey, (string Text, PoseComponent Pose)> poses = new Dictionary<ObjectKey, (string, PoseComponent)>();

        public KeptRecords(Identities identities)
        {
            this.identities = identities;
        }

        /// <summary>Returns the materials that an object is known to show instead of those of its mesh.</summary>
        public MaterialsComponent GetMaterials(GameObject target)
        {
            string text = identities.FindKept(target).Materials;
            return text.Length == 0 ? MaterialsComponent.None
                : MaterialsComponent.Read(JsonReader.Read(text), MaterialsComponent.Name);
        }

        public void SetMaterials(GameObject target, MaterialsComponent own) => Set(target,
            kept => kept.Materials = own.IsDefault ? "" : JsonWriter.Write(own.ToJson(null)));

        /// <summary>Returns the fields of an object that an editor shows and cannot write.</summary>
        public LocksComponent GetLocks(GameObject target) => ParseLocks(identities.FindKept(target).Locks);

        public void SetLocks(GameObject target, LocksComponent locks) => Set(target, kept => kept.Locks = WriteLocks(locks));

        /// <summary>Returns the collections that an object is in.</summary>
        public CollectionsComponent GetCollections(GameObject target)
        {
            string text = identities.FindKept(target).Collections;
            return text.Length == 0 ? CollectionsComponent.SceneAlone
                : CollectionsComponent.Read(JsonReader.Read(text), CollectionsComponent.Name);
        }

        public void SetCollections(GameObject target, CollectionsComponent collections) => Set(target,
            kept => kept.Collections = collections.IsDefault ? "" : JsonWriter.Write(collections.ToJson(null)));

        /// <summary>Returns the collection that an object shows at its place.</summary>
        public InstanceComponent GetInstance(GameObject target)
        {
            string of = identities.FindKept(target).Instance;
            return of.Length == 0 ? InstanceComponent.None : new InstanceComponent(of);
        }

        public void SetInstance(GameObject target, InstanceComponent instance) => Set(target,
            kept => kept.Instance = instance.Of ?? "");

        /// <summary>Returns the uuid of the armature that an object is known to show; null for none.</summary>
        public string GetArmature(GameObject target)
        {
            string armature = identities.FindKept(target).Armature;
            return armature.Length == 0 ? null : armature;
        }

        public void SetArmature(GameObject target, string armature) => Set(target, kept => kept.Armature = armature ?? "");

        /// <summary>Returns the pose of an object that was shared or read last.</summary>
        public PoseComponent GetPose(GameObject target)
        {
            string text = identities.FindKept(target).Pose;
            if (text.Length == 0) { return PoseComponent.AtRest; }
            ObjectKey key = ObjectKey.Of(target);
            if (poses.TryGetValue(key, out (string Text, PoseComponent Pose) known) && known.Text == text) { return known.Pose; }
            if (poses.Count >= MaxPoses) { poses.Clear(); }
            PoseComponent pose = PoseComponent.Read(JsonReader.Read(text), PoseComponent.Name);
            poses[key] = (text, pose);
            return pose;
        }

        public void SetPose(GameObject target, PoseComponent pose) => Set(target,
            kept => kept.Pose = pose.IsDefault ? "" : JsonWriter.Write(pose.ToJson(null)));

        /// <summary>Returns the object whose armature should deform an object, and that no renderer shows.</summary>
        public SkinComponent GetSkin(GameObject target)
        {
            string armature = identities.FindKept(target).Skin;
            return armature.Length == 0 ? SkinComponent.None : new SkinComponent(armature);
        }

        public void SetSkin(GameObject target, SkinComponent skin) => Set(target, kept => kept.Skin = skin.Armature ?? "");

        /// <summary>Keeps the prefab of an object as it was received, beside what Unity showed then.</summary>
        public void SetPrefab(GameObject target, string prefab, string shown) => Set(target,
            kept => (kept.Prefab, kept.PrefabShown) = (prefab, shown));

        /// <summary>Returns the action that an object plays.</summary>
        public AnimationComponent GetAnimation(GameObject target) => ParseAnimation(identities.FindKept(target).Animation);

        public void SetAnimation(GameObject target, AnimationComponent animation) => Set(target,
            kept => kept.Animation = WriteAnimation(animation));

        public static AnimationComponent ParseAnimation(string text) => text.Length == 0 ? AnimationComponent.None
            : AnimationComponent.Read(JsonReader.Read(text), AnimationComponent.Name);

        public static string WriteAnimation(AnimationComponent animation) =>
            animation.IsDefault ? "" : JsonWriter.Write(animation.ToJson(null));

        public static LocksComponent ParseLocks(string text) => text.Length == 0 ? LocksComponent.None
            : LocksComponent.Read(JsonReader.Read(text), LocksComponent.Name);

        public static string WriteLocks(LocksComponent locks) => locks.IsDefault ? "" : JsonWriter.Write(locks.ToJson(null));

        public void BeginBatch() => reverts.Clear();

        /// <summary>Reverts what the batch has written.</summary>
        public void RevertBatch()
        {
            for (int i = reverts.Count - 1; i >= 0; i--) { reverts[i](); }
            reverts.Clear();
        }

        void Set(GameObject target, Action<KeptValues> change)
        {
            KeptValues before = identities.FindKept(target).Clone();
            KeptValues after = before.Clone();
            change(after);
            if (after.IsSame(before)) { return; }
            identities.SetKept(target, after);
            reverts.Add(() =>
            {
                if (target != null) { identities.SetKept(target, before); }
            });
        }
    }
}
