using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;

namespace VibeSync.Editor
{
    /// <summary>
    /// Shows the evaluated meshes of objects in place of their data, and reads them back. They are no values of the user:
    /// they have no place in the undo history, and nothing of them is sent.
    /// </summary>
    public sealed class ShownMeshes
    {
        readonly SceneIndex index;
        readonly MeshRecords meshes;
        readonly MeshStore store;
        readonly List<Action> reverts = new List<Action>();

        /// <summary>The objects whose evaluated mesh was written and is not confirmed yet.</summary>
        readonly HashSet<string> written = new HashSet<string>();

        public ShownMeshes(SceneIndex index, MeshRecords meshes, MeshStore store)
        {
            this.index = index;
            this.meshes = meshes;
            this.store = store;
        }

        public void BeginBatch()
        {
            reverts.Clear();
            written.Clear();
        }

        /// <summary>Reverts what the batch has written.</summary>
        public void RevertBatch()
        {
            for (int i = reverts.Count - 1; i >= 0; i--) { reverts[i](); }
            reverts.Clear();
        }

        public void MarkConfirmed(string uuid) => written.Remove(uuid);

        /// <summary>Shows the evaluated mesh of an object, or its data again.</summary>
        /// <param name="change">A change of the object. A create without an evaluated mesh is of an object that has none.</param>
        /// <param name="arrays">The converted mesh; null without one.</param>
        public void Write(GameObject target, Change change, MeshArrays arrays, string label)
        {
            string uuid = change.Uuid;
            ShownComponent shown = change.Content.Find<ShownComponent>(ShownComponent.Name);
            if (shown == null && change.Op == ChangeOp.Create) { shown = ShownComponent.None; }
            ShownIdentity known = meshes.Shown.FindOf(uuid);
            if (shown == null || (shown.Mesh == null && known == null)) { return; }
            written.Add(uuid);
            if (shown.Mesh == null)
            {
                ShowData(target, known, label);
                return;
            }
            Mesh before = MeshHolder.Find(target);
            if (target.GetComponent<Renderer>() == null) { Add<MeshRenderer>(target).sharedMaterials = new Material[0]; }
            bool hasHolder = target.GetComponent<MeshFilter>() != null || MeshHolder.FindSkin(target) != null;
            if (!hasHolder) { Add<MeshFilter>(target); }
            index.Slots.KeepOwn(target);
            NoteForRevert(target, known);
            if (known == null || known.Mesh == null) { known = Create(uuid, known, before); }
            else if (before != known.Mesh) { known.Data = meshes.FindUuid(before) ?? ""; }
            arrays.WriteTo(known.Mesh);
            known.Materials = shown.Materials == null ? "" : JsonWriter.Write(shown.Materials.ToJson(null));
            store.MarkChanged(known.Mesh);
            meshes.Shown.MarkChanged();
            ShownRecords.Assign(target, known.Mesh);
            MeshStore.FillMaterials(target, known.Mesh, label);
            index.Slots.Show(target, label);
            SceneRegistry.MarkSceneChanged();
        }

        /// <summary>Returns the data of an object, with its evaluated mesh if that was just written.</summary>
        /// <param name="bytes">The approximate size of the object.</param>
        public Sample Sample(GameObject target, string uuid, long bytes, Func<Entity> read)
        {
            if (!written.Contains(uuid)) { return new Sample(bytes, _ => read()); }
            ShownIdentity known = meshes.Shown.FindOf(uuid);
            bool isShown = known != null && known.Mesh != null && MeshHolder.Find(target) == known.Mesh;
            if (!isShown) { return new Sample(bytes, _ => With(read(), ShownComponent.None)); }
            MeshArrays arrays = MeshArrays.ReadFrom(known.Mesh);
            SlotsComponent materials = known.Materials.Length == 0 ? null
                : SlotsComponent.Read(JsonReader.Read(known.Materials), SlotsComponent.Name);
            return new Sample(bytes + arrays.Bytes,
                sent => With(read(), new ShownComponent(store.Convert(uuid, arrays, sent?.FindMesh()), materials)));
        }

        /// <summary>Adds a component, outside of the undo history.</summary>
        T Add<T>(GameObject target) where T : UnityEngine.Component
        {
            T added = target.AddComponent<T>();
            reverts.Add(() =>
            {
                if (added != null) { UnityEngine.Object.DestroyImmediate(added); }
            });
            return added;
        }

        static Entity With(Entity entity, ShownComponent shown)
        {
            entity.Set(shown);
            return entity;
        }

        ShownIdentity Create(string uuid, ShownIdentity lost, Mesh before)
        {
            if (lost != null) { meshes.Shown.Remove(lost); }
            ShownIdentity made = new ShownIdentity
            {
                Uuid = uuid,
                Mesh = store.OpenShown(uuid),
                Data = lost != null ? lost.Data : meshes.FindUuid(before) ?? "",
            };
            meshes.Shown.Add(made);
            return made;
        }

        void ShowData(GameObject target, ShownIdentity known, string label)
        {
            index.Slots.KeepOwn(target);
            NoteForRevert(target, known);
            MeshIdentity data = meshes.Find(known.Data);
            ShownRecords.Assign(target, data?.Mesh);
            if (data != null && data.Mesh.blendShapeCount > 0) { index.Shapes.Show(target, data, label); }
            meshes.Shown.Remove(known);
            index.Slots.Show(target, label);
            SceneRegistry.MarkSceneChanged();
        }

        /// <summary>Keeps what a failed batch must bring back.</summary>
        void NoteForRevert(GameObject target, ShownIdentity known)
        {
            Mesh before = MeshHolder.Find(target);
            ShownIdentity copy = known?.Clone();
            MeshArrays arrays = known == null || known.Mesh == null ? null : MeshArrays.ReadFrom(known.Mesh);
            string uuid = index.Identities.Find(target);
            reverts.Add(() =>
            {
                ShownIdentity present = meshes.Shown.FindOf(uuid);
                if (present != null) { meshes.Shown.Remove(present); }
                if (copy != null) { meshes.Shown.Add(copy); }
                if (arrays != null && copy.Mesh != null) { arrays.WriteTo(copy.Mesh); }
                if (target != null) { ShownRecords.Assign(target, before); }
            });
        }
    }
}
