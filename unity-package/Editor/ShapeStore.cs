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
    /// Reads and writes the weights of blend shapes, and what Unity has no field for. The weights belong to the mesh: all its
    /// renderers show the same, and an edit of one is an edit of all. The weights that were shared last are beside the identity of the mesh.
    /// </summary>
    public sealed class ShapeStore
    {
        readonly MeshRecords meshes;

        /// <summary>The objects with a skinned renderer, by their mesh; and the mesh of each.</summary>
        readonly Dictionary<ObjectKey, HashSet<ObjectKey>> users = new Dictionary<ObjectKey, HashSet<ObjectKey>>();
        readonly Dictionary<ObjectKey, ObjectKey> meshOf = new Dictionary<ObjectKey, ObjectKey>();

        public ShapeStore(MeshRecords meshes)
        {
            this.meshes = meshes;
        }

        /// <summary>
        /// Takes over an edit of the user, in all objects that show the mesh. An object that is new beside others shows what
        /// they show.
        /// </summary>
        /// <param name="uuid">The uuid of the object.</param>
        public void Register(GameObject target, string uuid, DirtySet dirty)
        {
            SkinnedMeshRenderer skin = Note(target);
            MeshIdentity mesh = skin == null ? null : meshes.Find(meshes.FindUuid(skin.sharedMesh) ?? "");
            if (mesh == null || mesh.Mesh.blendShapeCount == 0) { return; }
            ShapeValuesComponent known = GetValues(mesh);
            ShapeValuesComponent shown = Read(skin, mesh, known);
            if (mesh.ShapeValues.Length > 0 && shown.Digest() == Restrict(known, mesh).Digest()) { return; }
            bool isEdit = GetUsers(mesh.Mesh).Count == 1 || ShowsForDaemon(uuid, mesh.Uuid);
            if (!isEdit)
            {
                SetWeights(skin, mesh, known, null);
                return;
            }
            SetValues(mesh, shown);
            dirty.Add(mesh.Uuid);
            foreach (SkinnedMeshRenderer other in GetUsers(mesh.Mesh)) { SetWeights(other, mesh, shown, null); }
        }

        /// <summary>Notes which mesh an object shows by a skinned renderer. Returns that renderer; null for none.</summary>
        public SkinnedMeshRenderer Note(GameObject target)
        {
            ObjectKey key = ObjectKey.Of(target);
            SkinnedMeshRenderer skin = MeshHolder.FindSkin(target);
            Mesh mesh = skin == null ? null : skin.sharedMesh;
            bool isKnown = meshOf.TryGetValue(key, out ObjectKey before);
            if (mesh == null || (isKnown && !before.Equals(ObjectKey.Of(mesh)))) { Forget(key); }
            if (mesh == null) { return null; }
            ObjectKey meshKey = ObjectKey.Of(mesh);
            meshOf[key] = meshKey;
            if (!users.TryGetValue(meshKey, out HashSet<ObjectKey> known)) { users[meshKey] = known = new HashSet<ObjectKey>(); }
            known.Add(key);
            return skin;
        }

        /// <summary>Forgets an object that is gone, or shows no such mesh any more.</summary>
        public void Forget(ObjectKey key)
        {
            if (!meshOf.TryGetValue(key, out ObjectKey mesh)) { return; }
            meshOf.Remove(key);
            users[mesh].Remove(key);
            if (users[mesh].Count == 0) { users.Remove(mesh); }
        }

        /// <summary>Returns the keys of a mesh by the names of its shapes, with what Unity has no field for.</summary>
        public static ShapeKey[] ReadKeys(MeshIdentity mesh, IReadOnlyList<string> shapes)
        {
            if (shapes.Count == 0) { return Array.Empty<ShapeKey>(); }
            Dictionary<string, ShapeKey> kept = new Dictionary<string, ShapeKey>();
            if (mesh.ShapeKeys.Length > 0)
            {
                foreach (ShapeKey key in ShapeKey.ReadAll(JsonReader.Read(mesh.ShapeKeys), "")) { kept[key.Name] = key; }
            }
            string[] names = ShapeKey.MakeNames(shapes);
            return Array.ConvertAll(names, name =>
            {
                if (!kept.TryGetValue(name, out ShapeKey key)) { return new ShapeKey(name); }
                bool hasBase = key.RelativeTo == null || Array.IndexOf(names, key.RelativeTo) >= 0;
                return hasBase ? key : new ShapeKey(name, null, key.Min, key.Max);
            });
        }

        public static void WriteKeys(MeshIdentity mesh, ShapeKey[] keys)
        {
            JsonValue list = JsonValue.Array();
            foreach (ShapeKey key in keys) { list.Add(key.ToJson()); }
            mesh.ShapeKeys = keys.Length == 0 ? "" : JsonWriter.Write(list);
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        /// <summary>Returns the weights of a mesh as its renderers show them. A renderer that shows others than known decides.</summary>
        public ShapeValuesComponent ReadValues(MeshIdentity mesh)
        {
            if (mesh.Mesh.blendShapeCount == 0) { return ShapeValuesComponent.None; }
            ShapeValuesComponent known = Restrict(GetValues(mesh), mesh);
            foreach (SkinnedMeshRenderer user in GetUsers(mesh.Mesh))
            {
                ShapeValuesComponent shown = Read(user, mesh, known);
                if (shown.Digest() != known.Digest()) { return shown; }
            }
            return known;
        }

        /// <summary>Returns the keys that a change sets; null for none. A create without keys is of a mesh that has none.</summary>
        public static ShapesComponent FindKeys(Change change) =>
            change.Content?.Find<ShapesComponent>(ShapesComponent.Name)
            ?? (change.Op == ChangeOp.Create && change.Content.Kind == Kinds.Mesh ? ShapesComponent.None : null);

        /// <summary>
        /// Takes over the keys and weights of a change whose mesh is written already, and has all objects show them by the
        /// renderer that the mesh needs.
        /// </summary>
        /// <param name="isKnown">Whether objects may show the mesh.</param>
        public void Write(MeshIdentity mesh, Change change, bool isKnown, string label)
        {
            ShapesComponent shapes = FindKeys(change);
            if (shapes != null) { WriteKeys(mesh, shapes.Keys); }
            ShapeValuesComponent values = change.Content.Find<ShapeValuesComponent>(ShapeValuesComponent.Name);
            if (values == null && change.Op == ChangeOp.Create) { values = ShapeValuesComponent.None; }
            if (values != null) { SetValues(mesh, values); }
            bool isWritten = shapes != null || change.Content.Find<MeshComponent>("mesh") != null;
            List<SkinnedMeshRenderer> shownBy = GetUsers(mesh.Mesh);
            bool hasShapes = mesh.Mesh.blendShapeCount > 0;
            if (!isKnown || (!hasShapes && shownBy.Count == 0)) { return; }
            if (isWritten || shownBy.Count == 0)
            {
                Bounds? box = hasShapes ? BlendShapes.FindBounds(mesh.Mesh) : (Bounds?)null;
                foreach (GameObject user in MeshHolder.FindUsers(mesh.Mesh)) { Show(user, mesh, label, box); }
            }
            else if (values != null)
            {
                foreach (SkinnedMeshRenderer user in shownBy) { SetWeights(user, mesh, values, label); }
            }
        }

        /// <summary>Has an object show a mesh, with its weights.</summary>
        /// <param name="box">See <see cref="BlendShapes.FindBounds"/>; null to compute it.</param>
        public void Show(GameObject target, MeshIdentity mesh, string label, Bounds? box = null)
        {
            MeshHolder.Show(target, mesh.Mesh, label, box);
            SkinnedMeshRenderer skin = Note(target);
            if (skin != null) { SetWeights(skin, mesh, GetValues(mesh), label); }
        }

        /// <summary>Returns whether the daemon knows that an object shows a mesh, so that its weights are the user's.</summary>
        static bool ShowsForDaemon(string uuid, string mesh)
        {
            SceneRegistry.Current.Load(uuid).Digests.TryGetValue("data", out ulong data);
            return data == new ReferenceComponent("data", mesh).Digest();
        }

        List<SkinnedMeshRenderer> GetUsers(Mesh mesh)
        {
            List<SkinnedMeshRenderer> found = new List<SkinnedMeshRenderer>();
            if (!users.TryGetValue(ObjectKey.Of(mesh), out HashSet<ObjectKey> keys)) { return found; }
            foreach (ObjectKey key in keys)
            {
                GameObject user = key.Resolve() as GameObject;
                SkinnedMeshRenderer skin = user == null ? null : MeshHolder.FindSkin(user);
                if (skin != null && skin.sharedMesh == mesh) { found.Add(skin); }
            }
            return found;
        }

        static ShapeValuesComponent GetValues(MeshIdentity mesh) => mesh.ShapeValues.Length == 0 ? ShapeValuesComponent.None
            : ShapeValuesComponent.Read(JsonReader.Read(mesh.ShapeValues), ShapeValuesComponent.Name);

        static void SetValues(MeshIdentity mesh, ShapeValuesComponent values)
        {
            mesh.ShapeValues = JsonWriter.Write(values.ToJson(null));
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }

        /// <summary>Returns the weights of the keys that the mesh has.</summary>
        static ShapeValuesComponent Restrict(ShapeValuesComponent values, MeshIdentity mesh) =>
            Make(mesh, (name, _) => values.Find(name));

        /// <summary>Returns what a renderer shows. A weight is the known one while Unity shows what follows from that.</summary>
        static ShapeValuesComponent Read(SkinnedMeshRenderer skin, MeshIdentity mesh, ShapeValuesComponent known) =>
            Make(mesh, (name, shape) =>
            {
                float shown = skin.GetBlendShapeWeight(shape);
                double value = known.Find(name);
                return shown == ToUnity(value) ? value
                    : Math.Max(-ShapeKey.MaxWeight, Math.Min(ShapeKey.MaxWeight, shown / (double)BlendShapes.FullWeight));
            });

        static ShapeValuesComponent Make(MeshIdentity mesh, Func<string, int, double> find)
        {
            Dictionary<string, double> values = new Dictionary<string, double>();
            string[] names = NamesOf(mesh.Mesh);
            for (int i = 0; i < names.Length; i++) { values[names[i]] = find(names[i], i); }
            return new ShapeValuesComponent(values);
        }

        static string[] NamesOf(Mesh mesh)
        {
            List<string> shapes = new List<string>();
            for (int i = 0; i < mesh.blendShapeCount && i < ShapeKey.MaxKeys; i++) { shapes.Add(mesh.GetBlendShapeName(i)); }
            return ShapeKey.MakeNames(shapes);
        }

        static float ToUnity(double value) => (float)(value * BlendShapes.FullWeight);

        /// <param name="label">The name of the undo step; null for none.</param>
        static void SetWeights(SkinnedMeshRenderer skin, MeshIdentity mesh, ShapeValuesComponent values, string label)
        {
            string[] names = NamesOf(mesh.Mesh);
            bool isChanged = false;
            for (int i = 0; i < names.Length; i++)
            {
                float wanted = ToUnity(values.Find(names[i]));
                if (skin.GetBlendShapeWeight(i) == wanted) { continue; }
                if (!isChanged && label != null) { Undo.RecordObject(skin, label); }
                isChanged = true;
                skin.SetBlendShapeWeight(i, wanted);
            }
            if (isChanged) { PrefabOverrides.Record(skin); }
        }
    }
}
