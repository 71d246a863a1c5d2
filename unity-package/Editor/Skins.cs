using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes which armature deforms an object. The object shows that by a skinned renderer whose bones are the joints;
    /// where that is not possible, the value is kept beside the identity of the object.
    /// </summary>
    public sealed class Skins
    {
        const string Label = "Show skin";

        readonly KeptRecords kept;
        readonly MeshRecords meshes;
        readonly Rigs rigs;
        readonly UnsupportedContent unsupported;
        readonly Func<string, GameObject> find;
        readonly Func<ObjectKey, string> findUuid;

        /// <summary>The objects with a skin, and the object with the armature as it was read last.</summary>
        readonly Dictionary<ObjectKey, string> known = new Dictionary<ObjectKey, string>();

        /// <summary>The object that decides about the bones of each mesh: the first one by its uuid.</summary>
        readonly Dictionary<ObjectKey, ObjectKey> first = new Dictionary<ObjectKey, ObjectKey>();
        bool isTouched;

        /// <param name="find">Returns the object of a uuid; null if there is none.</param>
        /// <param name="findUuid">Returns the uuid of an object; null if it has none.</param>
        public Skins(KeptRecords kept, MeshRecords meshes, Rigs rigs, UnsupportedContent unsupported, Func<string, GameObject> find,
            Func<ObjectKey, string> findUuid)
        {
            this.kept = kept;
            this.meshes = meshes;
            this.rigs = rigs;
            this.unsupported = unsupported;
            this.find = find;
            this.findUuid = findUuid;
        }

        /// <summary>The vertex groups of meshes.</summary>
        public WeightStore Weights { get; } = new WeightStore();

        /// <summary>The bones of meshes.</summary>
        public SkinnedMesh Bones { get; } = new SkinnedMesh();

        /// <summary>Returns which armature deforms an object: the one whose joints are the bones, or the one that is kept.</summary>
        public SkinComponent Read(GameObject target)
        {
            SkinnedMeshRenderer shown = FindShown(target);
            if (shown == null) { return kept.GetSkin(target); }
            Transform[] bones = shown.bones;
            Transform top = bones[bones.Length - 1];
            return top == null ? SkinComponent.None : new SkinComponent(findUuid(ObjectKey.Of(top.gameObject)));
        }

        /// <summary>Notes the skin of an object, and whether it is another one than before.</summary>
        /// <param name="uuid">The uuid of the object.</param>
        public void Register(GameObject target, string uuid, DirtySet dirty)
        {
            ObjectKey key = ObjectKey.Of(target);
            string armature = Read(target).Armature;
            known.TryGetValue(key, out string before);
            if (armature != before) { dirty.Add(uuid); }
            if (armature == null && FindShown(target) == null) { known.Remove(key); }
            else { known[key] = armature; }
        }

        /// <summary>Forgets an object that is gone.</summary>
        public void Forget(ObjectKey key) => known.Remove(key);

        /// <summary>Lets an armature deform an object, or none.</summary>
        public void Write(GameObject target, SkinComponent skin, string label)
        {
            if (Read(target).Armature == skin.Armature) { return; }
            Hide(target, label);
            kept.SetSkin(target, skin);
            known[ObjectKey.Of(target)] = skin.Armature;
            isTouched = true;
        }

        /// <summary>Gives a mesh other vertex groups.</summary>
        public void Write(MeshIdentity mesh, WeightsComponent weights)
        {
            if (Weights.Read(mesh).Digest() == weights.Digest()) { return; }
            Weights.Write(mesh, weights);
            isTouched = true;
        }

        /// <summary>Notes that the batch changed a mesh, an armature or the data of an object.</summary>
        public void Touch() => isTouched = known.Count > 0;

        /// <summary>Has all objects show their skins after changes of a batch.</summary>
        public void ShowTouched(string label)
        {
            if (!isTouched) { return; }
            isTouched = false;
            foreach (ObjectKey key in Begin()) { Show(key, label); }
        }

        /// <summary>Returns the objects with a skin, and finds out which one decides about each mesh.</summary>
        public List<ObjectKey> Begin()
        {
            List<ObjectKey> keys = new List<ObjectKey>(known.Keys);
            keys.Sort((a, b) => string.CompareOrdinal(findUuid(a), findUuid(b)));
            first.Clear();
            Dictionary<ObjectKey, List<GameObject>> users = new Dictionary<ObjectKey, List<GameObject>>();
            foreach (ObjectKey key in keys)
            {
                Mesh mesh = key.Resolve() is GameObject target && target != null ? MeshHolder.Find(target) : null;
                if (mesh == null) { continue; }
                ObjectKey meshKey = ObjectKey.Of(mesh);
                if (!users.TryGetValue(meshKey, out List<GameObject> all)) { users[meshKey] = all = new List<GameObject>(); }
                all.Add((GameObject)key.Resolve());
            }
            foreach (KeyValuePair<ObjectKey, List<GameObject>> shared in users)
            {
                GameObject decides = shared.Value.Count == 1 ? null : shared.Value.Find(user => MakePlan(user) != null);
                if (decides != null) { first[shared.Key] = ObjectKey.Of(decides); }
            }
            return keys;
        }

        /// <summary>Has an object show its skin, as far as that is possible.</summary>
        /// <param name="label">The name of the undo step; null for a repair.</param>
        public void Show(ObjectKey key, string label)
        {
            if (!(key.Resolve() is GameObject target) || target == null || !known.ContainsKey(key)) { return; }
            SkinPlan plan = MakePlan(target);
            if (plan == null || IsOther(target, key, plan))
            {
                SkinComponent skin = Read(target);
                bool isPart = plan == null && !skin.IsDefault && PrefabOverrides.IsPart(target);
                if (isPart) { unsupported.Report("skins of prefab instances", target); }
                if (Hide(target, label ?? Label)) { kept.SetSkin(target, skin); }
                return;
            }
            MeshIdentity mesh = meshes.Find(meshes.FindUuid(MeshHolder.Find(target)));
            bool hasMore = Decides(key, mesh.Mesh)
                && Bones.Write(mesh.Mesh, plan, Weights.Read(mesh), label) > (int)QualitySettings.skinWeights;
            if (hasMore) { unsupported.Report("more joints of a vertex than the quality settings show", target); }
            if (TryShow(target, mesh.Mesh, plan, label)) { kept.SetSkin(target, SkinComponent.None); }
            else { unsupported.Report("skins of objects whose renderer cannot be replaced", target); }
        }

        /// <summary>Returns false if the object gets no skinned renderer, because another component needs the present one.</summary>
        static bool TryShow(GameObject target, Mesh mesh, SkinPlan plan, string label)
        {
            if (FindShown(target) == null) { MeshHolder.ShowSkinned(target, mesh, label ?? Label); }
            SkinnedMeshRenderer skin = MeshHolder.FindSkin(target);
            if (skin == null) { return false; }
            Transform[] present = skin.bones;
            bool isSame = present.Length == plan.Bones.Length && skin.rootBone == plan.Top;
            for (int i = 0; isSame && i < present.Length; i++) { isSame = present[i] == plan.Bones[i]; }
            Bounds bounds = plan.FindBounds(mesh.bounds);
            if (!isSame || !skin.localBounds.Equals(bounds))
            {
                if (label != null) { Undo.RecordObject(skin, label); }
                skin.bones = plan.Bones;
                skin.rootBone = plan.Top;
                skin.localBounds = bounds;
                PrefabOverrides.Record(skin);
            }
            return true;
        }

        /// <summary>Has an object show its mesh without bones. Returns whether it had some.</summary>
        static bool Hide(GameObject target, string label)
        {
            SkinnedMeshRenderer skin = FindShown(target);
            if (skin == null) { return false; }
            Undo.RecordObject(skin, label);
            skin.bones = new Transform[0];
            skin.rootBone = null;
            PrefabOverrides.Record(skin);
            if (skin.sharedMesh != null) { MeshHolder.Show(target, skin.sharedMesh, label); }
            return true;
        }

        /// <summary>Returns whether another object with the same mesh needs other bones: these belong to the mesh.</summary>
        bool IsOther(GameObject target, ObjectKey key, SkinPlan plan)
        {
            Mesh mesh = MeshHolder.Find(target);
            if (Decides(key, mesh)) { return false; }
            SkinPlan other = first[ObjectKey.Of(mesh)].Resolve() is GameObject user && user != null ? MakePlan(user) : null;
            if (other == null || other.NeedsSameMesh(plan)) { return false; }
            unsupported.Report("skins of one mesh that lie differently to their armatures", target);
            return true;
        }

        /// <summary>Returns whether the bones of a mesh are those that an object needs.</summary>
        bool Decides(ObjectKey key, Mesh mesh) => !first.TryGetValue(ObjectKey.Of(mesh), out ObjectKey decides) || decides.Equals(key);

        SkinPlan MakePlan(GameObject target)
        {
            string armature = Read(target).Armature;
            GameObject owner = armature == null ? null : find(armature);
            ArmatureComponent joints = owner == null ? null : rigs.FindShown(owner);
            Mesh mesh = MeshHolder.Find(target);
            MeshIdentity identity = joints == null || mesh == null || PrefabOverrides.IsPart(target) ? null
                : meshes.Find(meshes.FindUuid(mesh) ?? "");
            if (identity == null || identity.Mesh != mesh) { return null; }
            WeightsComponent weights = Weights.Read(identity);
            bool fits = !weights.IsDefault && weights.Vertex.Length == CountCorners(mesh);
            return fits && (!EditorUtility.IsPersistent(mesh) || MeshFiles.IsOwn(mesh))
                ? SkinPlan.Make(target, owner, joints, weights) : null;
        }

        static int CountCorners(Mesh mesh)
        {
            int count = 0;
            for (int i = 0; i < mesh.subMeshCount; i++)
            {
                if (mesh.GetTopology(i) == MeshTopology.Triangles) { count += (int)mesh.GetIndexCount(i); }
            }
            return count;
        }

        /// <summary>Returns the renderer of an object whose bones are the joints of an armature; null for none.</summary>
        static SkinnedMeshRenderer FindShown(GameObject target)
        {
            SkinnedMeshRenderer skin = MeshHolder.FindSkin(target);
            return skin != null && skin.bones.Length > 0 ? skin : null;
        }
    }
}
