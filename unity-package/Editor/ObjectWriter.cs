using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// Writes GameObjects. Records every write for undo, and as an override on prefab instances.
    /// </summary>
    public sealed class ObjectWriter
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;

        public ObjectWriter(SceneIndex index, MeshRecords meshes)
        {
            this.index = index;
            this.meshes = meshes;
        }

        /// <summary>Applies a create or an update.</summary>
        /// <param name="target">The object; null if it does not exist.</param>
        public void Write(GameObject target, Change change, string label)
        {
            GameObject written = target != null ? target : Create(change, label);
            try
            {
                Write(written, change.Content, label);
                if (change.Op == ChangeOp.Create && target != null) { ClearMissing(written, change.Content, label); }
            }
            catch (SyncException) when (target == null)
            {
                // A partly written object would look like the user's own.
                Undo.DestroyObjectImmediate(written);
                index.Remove(change.Uuid);
                throw;
            }
        }

        /// <summary>Sets what a create leaves out because it is empty.</summary>
        void ClearMissing(GameObject target, Entity content, string label)
        {
            bool hasOwn = content.Components.ContainsKey(MaterialsComponent.Name);
            if (!hasOwn) { index.Slots.WriteOwn(target, MaterialsComponent.None, label); }
            bool hasLocks = content.Components.ContainsKey(LocksComponent.Name);
            if (!hasLocks) { index.Kept.SetLocks(target, LocksComponent.None); }
            bool hasCollections = content.Components.ContainsKey(CollectionsComponent.Name);
            if (!hasCollections) { index.Kept.SetCollections(target, CollectionsComponent.SceneAlone); }
            bool hasInstance = content.Components.ContainsKey(InstanceComponent.Name);
            if (!hasInstance) { index.Kept.SetInstance(target, InstanceComponent.None); }
            index.Members.Note(target);
            bool hasPose = content.Components.ContainsKey(PoseComponent.Name);
            if (!hasPose) { index.Rigs.WritePose(target, PoseComponent.AtRest); }
            bool hasSkin = content.Components.ContainsKey(SkinComponent.Name);
            if (!hasSkin) { index.Skins.Write(target, SkinComponent.None, label); }
            bool hasAnimation = content.Components.ContainsKey(AnimationComponent.Name);
            if (!hasAnimation) { index.WriteAnimation(target, AnimationComponent.None); }
            bool hasPrefab = content.Components.ContainsKey(PrefabComponent.Name);
            if (!hasPrefab) { index.Prefabs.Keep(target, PrefabComponent.None); }
        }

        /// <summary>Creates an empty GameObject in the active scene, or the prefab instance or part that it was before.</summary>
        GameObject Create(Change change, string label)
        {
            GameObject created = index.Prefabs.Make(change.Content, label);
            bool isPlain = created == null;
            if (isPlain) { created = new GameObject("Object"); }
            index.Identities.Set(created, change.Uuid);
            if (isPlain) { Undo.RegisterCreatedObjectUndo(created, label); }
            index.Add(change.Uuid, created);
            bool isOfPrefab = change.Content.Find<PrefabComponent>(PrefabComponent.Name)?.IsDefault == false;
            if (isOfPrefab && isPlain)
            {
                index.Unsupported.Report("prefab instances without their prefab", created);
            }
            return created;
        }

        /// <summary>Sets the components that <paramref name="content"/> has.</summary>
        void Write(GameObject target, Entity content, string label)
        {
            foreach (ComponentKind kind in ComponentKind.All)
            {
                string key = kind.Key;
                if (!content.Components.TryGetValue(key, out Core.Scene.Component component)) { continue; }
                switch (component)
                {
                    case NameComponent name:
                        Undo.RecordObject(target, label);
                        target.name = name.Name;
                        PrefabOverrides.Record(target);
                        break;
                    case VisibilityComponent visibility:
                        Undo.RecordObject(target, label);
                        target.SetActive(visibility.IsVisible);
                        PrefabOverrides.Record(target);
                        break;
                    case GuardComponent guard:
                        index.Identities.SetHumanOnly(target, guard.IsHumanOnly, label);
                        break;
                    case TransformComponent transform:
                        WritePlace(target.transform, NativeTransform.From(transform, index.FindFrame(target.transform)), label);
                        break;
                    case ShownComponent _: break; // The adapter writes it last.
                    case MaterialsComponent own: index.Slots.WriteOwn(target, own, label); break;
                    case LocksComponent locks: index.Kept.SetLocks(target, locks); break;
                    case CollectionsComponent collections:
                        index.Kept.SetCollections(target, collections);
                        index.Members.Note(target);
                        break;
                    case AnimationComponent animation: index.WriteAnimation(target, animation); break;
                    case PrefabComponent prefab: index.Prefabs.Keep(target, prefab); break;
                    case PoseComponent pose: index.Rigs.WritePose(target, pose); break;
                    case SkinComponent skin: index.Skins.Write(target, skin, label); break;
                    case InstanceComponent instance:
                        index.Kept.SetInstance(target, instance);
                        index.Members.Note(target);
                        break;
                    case ReferenceComponent reference when key == "parent":
                        WriteParent(target, reference.Uuid, label);
                        break;
                    case ReferenceComponent reference: WriteData(target, reference.Uuid, label); break;
                    default:
                        throw new SyncException(ErrorCode.ComponentInvalid, "not on an object", "components." + key);
                }
            }
        }

        /// <summary>
        /// Deletes a GameObject. Its children move to its parent, unless the batch deletes them too. A part of a prefab
        /// instance is deleted with its root, or by an override where Unity allows that.
        /// </summary>
        /// <param name="deleted">The uuids that the batch deletes.</param>
        public void Delete(GameObject target, ICollection<string> deleted, string label)
        {
            if (PrefabOverrides.IsInsideInstance(target))
            {
                GameObject root = PrefabUtility.GetOutermostPrefabInstanceRoot(target);
                string uuid = root == null ? null : index.FindUuid(ObjectKey.Of(root));
                if (uuid != null && deleted.Contains(uuid)) { return; }
                bool canDelete = UnityCompat.CanDeleteParts && !HasKeptPart(target.transform, deleted);
                if (!canDelete) { PrefabOverrides.ThrowIfInsideInstance(target); }
            }
            MoveChildrenUp(target.transform, target.transform.parent, deleted, label);
            index.Viewers.ReleaseTree(target);
            Undo.DestroyObjectImmediate(target);
        }

        /// <summary>Returns whether a part would take one with it that stays, because it cannot be moved away.</summary>
        bool HasKeptPart(Transform above, ICollection<string> deleted)
        {
            for (int i = 0; i < above.childCount; i++)
            {
                GameObject child = above.GetChild(i).gameObject;
                if (!PrefabOverrides.IsInsideInstance(child)) { continue; }
                string uuid = index.FindUuid(ObjectKey.Of(child));
                if (uuid == null || !deleted.Contains(uuid) || HasKeptPart(child.transform, deleted)) { return true; }
            }
            return false;
        }

        void MoveChildrenUp(Transform from, Transform to, ICollection<string> deleted, string label)
        {
            for (int i = from.childCount - 1; i >= 0; i--)
            {
                Transform child = from.GetChild(i);
                // It goes with the object that shows the instance or the armature.
                if (OpenScenes.IsMade(child.gameObject)) { continue; }
                string uuid = index.FindUuid(ObjectKey.Of(child.gameObject));
                if (PrefabOverrides.IsInsideInstance(child.gameObject) || (uuid != null && deleted.Contains(uuid)))
                {
                    MoveChildrenUp(child, to, deleted, label);
                }
                else { Undo.SetTransformParent(child, to, label); }
            }
        }

        static void WritePlace(Transform transform, in NativeTransform place, string label)
        {
            Undo.RecordObject(transform, label);
            Placement.Write(transform, place);
            PrefabOverrides.Record(transform);
        }

        void WriteParent(GameObject target, string uuid, string label)
        {
            Transform transform = target.transform;
            GameObject parent = uuid == null ? null : index.Find(uuid);
            if (uuid != null && parent == null)
            {
                throw new SyncException(ErrorCode.UuidUnknown, "no such parent", "components.parent");
            }
            Transform parentTransform = parent == null ? null : parent.transform;
            if (transform.parent == parentTransform) { return; }
            PrefabOverrides.ThrowIfInsideInstance(target);
            for (Transform above = parentTransform; above != null; above = above.parent)
            {
                if (above == transform)
                {
                    throw new SyncException(ErrorCode.ParentCycle, "an object cannot be below itself",
                        "components.parent");
                }
            }
            NativeTransform place = Placement.Read(transform, index.FindFrame(transform));
            Undo.SetTransformParent(transform, parentTransform, label);
            // Unity keeps the world transform, but the protocol keeps the local one.
            WritePlace(transform, place.In(index.FindFrame(transform)), label);
        }

        /// <summary>
        /// Sets the mesh, light, camera or armature. The places of the object and of those below it stay as they are in canonical space,
        /// where a light has other axes than an object.
        /// </summary>
        void WriteData(GameObject target, string uuid, string label)
        {
            bool wasViewer = index.Viewers.IsViewer(target);
            bool isViewer = uuid != null && index.Viewers.FindKindOf(uuid) != null;
            string armature = uuid != null && index.Rigs.Armatures.Contains(uuid) ? uuid : null;
            if (armature != null) { uuid = null; }
            List<(Transform, NativeTransform)> places = new List<(Transform, NativeTransform)>();
            if (wasViewer != isViewer)
            {
                Transform own = target.transform;
                places.Add((own, Placement.Read(own, index.FindFrame(own))));
                for (int i = 0; i < own.childCount; i++)
                {
                    Transform child = own.GetChild(i);
                    if (!OpenScenes.IsSynchronized(child.gameObject)) { continue; }
                    places.Add((child, Placement.Read(child, index.FindFrame(child))));
                }
            }
            if (isViewer)
            {
                WriteMesh(target, null, label);
                index.Viewers.Show(target, uuid, label);
            }
            else
            {
                CheckMesh(uuid);
                index.Viewers.Hide(target);
                WriteMesh(target, uuid, label);
            }
            index.Rigs.Assign(target, armature);
            index.Skins.Touch();
            foreach ((Transform transform, NativeTransform place) in places)
            {
                WritePlace(transform, place.In(index.FindFrame(transform)), label);
            }
        }

        void CheckMesh(string uuid)
        {
            if (uuid == null || meshes.Find(uuid) != null) { return; }
            throw new SyncException(ErrorCode.UuidUnknown, "no such mesh, light, camera or armature", "components.data");
        }

        void WriteMesh(GameObject target, string uuid, string label)
        {
            ShownIdentity shown = meshes.Shown.Find(MeshHolder.Find(target));
            if (shown != null)
            {
                // The object goes on to show its evaluated mesh.
                index.Slots.KeepOwn(target);
                shown.Data = uuid ?? "";
                meshes.Shown.MarkChanged();
                index.Slots.Show(target, label);
                return;
            }
            if (uuid == null)
            {
                // The daemon does not know a mesh without a uuid, so its "none" does not remove that mesh.
                if (meshes.IsShownBy(target)) { MeshHolder.Clear(target, label); }
                return;
            }
            MeshIdentity identity = meshes.Find(uuid);
            index.Slots.KeepOwn(target);
            index.Shapes.Show(target, identity, label);
            MeshStore.FillMaterials(target, identity.Mesh, label);
            index.Slots.Show(target, label);
        }
    }
}
