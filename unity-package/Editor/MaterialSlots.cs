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
    /// Reads and writes which materials objects show. Unity has materials in renderers alone: those of a mesh are kept beside
    /// its identity, and what a renderer shows instead is the object's own.
    /// </summary>
    public sealed class MaterialSlots
    {
        readonly MeshRecords meshes;
        readonly KeptRecords kept;
        readonly MaterialStore materials;
        readonly List<Material> buffer = new List<Material>();
        readonly Dictionary<string, SlotsComponent> parsed = new Dictionary<string, SlotsComponent>();

        public MaterialSlots(MeshRecords meshes, KeptRecords kept, MaterialStore materials)
        {
            this.meshes = meshes;
            this.kept = kept;
            this.materials = materials;
        }

        /// <summary>
        /// Gives the materials that an object shows identities. A mesh without slots takes them from its first object.
        /// </summary>
        public void Register(GameObject target, DirtySet dirty)
        {
            MeshIdentity mesh = FindMesh(target);
            if (mesh == null || !TryReadShown(target, out int count)) { return; }
            count = Math.Min(count, mesh.Mesh.subMeshCount);
            HashSet<string> found = new HashSet<string>();
            bool isKnown = true;
            for (int i = 0; i < count; i++) { isKnown &= materials.Identify(buffer[i], target, found); }
            foreach (string uuid in found)
            {
                materials.IdentifyTextures(uuid, dirty);
                dirty.Add(uuid);
            }
            // The slots of an evaluated mesh are Blender's.
            bool hasSlots = mesh.Slots.Length > 0 || meshes.Shown.Find(mesh.Mesh) != null;
            if (hasSlots || !isKnown || !materials.IsSynchronized) { return; }
            string[] shown = new string[count];
            for (int i = 0; i < count; i++) { shown[i] = materials.FindUuid(buffer[i]); }
            bool isEmpty = Array.TrueForAll(shown, uuid => uuid == null);
            SetSlots(mesh, isEmpty ? SlotsComponent.None : new SlotsComponent(shown));
            if (!isEmpty) { dirty.Add(mesh.Uuid); }
        }

        /// <summary>Returns the materials of a mesh; null where materials are not synchronized.</summary>
        public SlotsComponent ReadSlots(MeshIdentity mesh) => materials.IsSynchronized ? GetSlots(mesh) : null;

        /// <summary>Returns the materials that an object shows instead of those of its mesh; null where they are not synchronized.</summary>
        public MaterialsComponent ReadOwn(GameObject target)
        {
            if (!materials.IsSynchronized) { return null; }
            MaterialsComponent own = kept.GetMaterials(target);
            MeshIdentity mesh = FindMesh(target);
            if (mesh == null || !TryReadShown(target, out int count)) { return own; }
            SlotsComponent slots = GetSlots(mesh);
            count = Math.Min(count, mesh.Mesh.subMeshCount);
            for (int i = 0; i < count; i++)
            {
                string shown = materials.FindUuid(buffer[i]);
                string fromMesh = slots.Find(i);
                string expected = own.TryFind(i, out string ownUuid) ? ownUuid : fromMesh;
                // A material that the project does not have now shows as none.
                if (shown == FindShowable(expected)) { continue; }
                own = shown == FindShowable(fromMesh) ? own.Without(i) : own.With(i, shown);
            }
            return own;
        }

        /// <summary>Sets the materials of a mesh, in each object that does not show one of its own.</summary>
        /// <param name="isNew">Whether no object shows the mesh yet.</param>
        public void WriteSlots(MeshIdentity mesh, SlotsComponent slots, bool isNew, string label)
        {
            if (!materials.IsSynchronized || (mesh.Slots.Length > 0 && slots.Digest() == GetSlots(mesh).Digest())) { return; }
            List<GameObject> users = isNew ? new List<GameObject>() : FindUsers(mesh);
            // A person's assignment stays the object's own.
            foreach (GameObject user in users) { KeepOwn(user); }
            SetSlots(mesh, slots);
            foreach (GameObject user in users) { Show(user, label); }
        }

        /// <summary>Shows the materials of a mesh in all objects, after it got more submeshes.</summary>
        public void ShowAll(MeshIdentity mesh, string label)
        {
            if (!materials.IsSynchronized || GetSlots(mesh).IsDefault) { return; }
            foreach (GameObject user in FindUsers(mesh)) { Show(user, label); }
        }

        /// <summary>Sets the materials that an object shows instead of those of its mesh.</summary>
        public void WriteOwn(GameObject target, MaterialsComponent own, string label)
        {
            if (!materials.IsSynchronized) { return; }
            kept.SetMaterials(target, own);
            Show(target, label);
        }

        /// <summary>Remembers what an object shows instead of the materials of its mesh, before the mesh changes.</summary>
        public void KeepOwn(GameObject target)
        {
            if (!materials.IsSynchronized) { return; }
            MaterialsComponent own = ReadOwn(target);
            if (own.Digest() != kept.GetMaterials(target).Digest()) { kept.SetMaterials(target, own); }
        }

        /// <summary>Does the same for all objects that show a mesh.</summary>
        public void KeepOwn(MeshIdentity mesh) => FindUsers(mesh).ForEach(KeepOwn);

        /// <summary>Assigns the materials of an object whose renderer shows others.</summary>
        public void Show(GameObject target, string label)
        {
            MeshIdentity mesh = FindMesh(target);
            if (!materials.IsSynchronized || mesh == null || !TryReadShown(target, out int count)) { return; }
            MaterialsComponent own = kept.GetMaterials(target);
            SlotsComponent slots = GetSlots(mesh);
            Material[] changed = null;
            count = Math.Min(count, mesh.Mesh.subMeshCount);
            for (int i = 0; i < count; i++)
            {
                string wanted = FindShowable(own.TryFind(i, out string ownUuid) ? ownUuid : slots.Find(i));
                if (materials.FindUuid(buffer[i]) == wanted) { continue; }
                changed = changed ?? buffer.ToArray();
                changed[i] = wanted == null ? UnityCompat.DefaultMaterial() : materials.Find(wanted);
            }
            if (changed != null) { Assign(MeshHolder.FindRenderer(target), changed, label); }
        }

        /// <summary>
        /// Assigns materials that were just created, where a slot names one and shows none: the file of one may have been lost.
        /// </summary>
        public void ShowCreated(ICollection<string> created, string label)
        {
            foreach (Renderer renderer in MeshHolder.FindRenderers())
            {
                GameObject user = renderer.gameObject;
                MeshIdentity mesh = FindMesh(user);
                if (mesh == null || !TryReadShown(user, out int count)) { continue; }
                MaterialsComponent own = kept.GetMaterials(user);
                SlotsComponent slots = GetSlots(mesh);
                Material[] changed = null;
                for (int i = 0; i < Math.Min(count, mesh.Mesh.subMeshCount); i++)
                {
                    string expected = own.TryFind(i, out string ownUuid) ? ownUuid : slots.Find(i);
                    bool isLost = expected != null && created.Contains(expected) && materials.FindUuid(buffer[i]) == null;
                    if (!isLost) { continue; }
                    changed = changed ?? buffer.ToArray();
                    changed[i] = materials.Find(expected);
                }
                if (changed != null) { Assign(renderer, changed, label); }
            }
        }

        /// <summary>
        /// Removes deleted materials from the slots of all meshes and objects of the open scenes, and marks both.
        /// </summary>
        public void Forget(ICollection<string> deleted, Func<GameObject, string> findUuid, DirtySet dirty)
        {
            foreach (KeyValuePair<string, Mesh> each in meshes.GetAll())
            {
                MeshIdentity mesh = meshes.Find(each.Key);
                SlotsComponent slots = GetSlots(mesh);
                if (!Array.Exists(slots.Materials, uuid => uuid != null && deleted.Contains(uuid))) { continue; }
                SetSlots(mesh, new SlotsComponent(Array.ConvertAll(slots.Materials,
                    uuid => uuid != null && deleted.Contains(uuid) ? null : uuid)));
                dirty.Add(mesh.Uuid);
            }
            foreach (Renderer renderer in MeshHolder.FindRenderers())
            {
                GameObject user = renderer.gameObject;
                MaterialsComponent own = kept.GetMaterials(user);
                MaterialsComponent rest = own;
                foreach (string uuid in deleted) { rest = rest.WithoutMaterial(uuid); }
                if (rest.Digest() != own.Digest()) { kept.SetMaterials(user, rest); }
                string known = findUuid(user);
                if (known != null) { dirty.Add(known); }
            }
        }

        /// <summary>Takes materials that a batch deleted off all renderers, also beyond the submeshes of a mesh.</summary>
        public void TakeOff(ICollection<Material> deleted, string label)
        {
            foreach (Renderer renderer in MeshHolder.FindRenderers())
            {
                renderer.GetSharedMaterials(buffer);
                if (!buffer.Exists(deleted.Contains)) { continue; }
                Assign(renderer, buffer.ConvertAll(material =>
                    deleted.Contains(material) ? UnityCompat.DefaultMaterial() : material).ToArray(), label);
            }
        }

        /// <summary>Gives a material another uuid in all slots.</summary>
        public void Rename(string uuid, string renewed)
        {
            foreach (KeyValuePair<string, Mesh> each in meshes.GetAll())
            {
                MeshIdentity mesh = meshes.Find(each.Key);
                SlotsComponent slots = GetSlots(mesh);
                if (Array.IndexOf(slots.Materials, uuid) < 0) { continue; }
                SetSlots(mesh, new SlotsComponent(Array.ConvertAll(slots.Materials, known => known == uuid ? renewed : known)));
            }
        }

        static void Assign(Renderer renderer, Material[] assigned, string label)
        {
            Undo.RecordObject(renderer, label);
            renderer.sharedMaterials = assigned;
            PrefabOverrides.Record(renderer);
        }

        /// <summary>Returns the objects that show a mesh, or an evaluated one in its place.</summary>
        List<GameObject> FindUsers(MeshIdentity mesh)
        {
            List<GameObject> users = MeshHolder.FindUsers(mesh.Mesh);
            foreach (ShownIdentity shown in meshes.Shown.All)
            {
                if (shown.Data == mesh.Uuid && shown.Mesh != null) { users.AddRange(MeshHolder.FindUsers(shown.Mesh)); }
            }
            return users;
        }

        MeshIdentity FindMesh(GameObject target) => meshes.FindShowing(MeshHolder.Find(target));

        /// <summary>Reads the materials of a renderer into the buffer; returns false without a renderer.</summary>
        bool TryReadShown(GameObject target, out int count)
        {
            buffer.Clear();
            Renderer renderer = MeshHolder.FindRenderer(target);
            if (renderer != null) { renderer.GetSharedMaterials(buffer); }
            count = buffer.Count;
            return renderer != null;
        }

        string FindShowable(string uuid) => materials.Find(uuid) == null ? null : uuid;

        SlotsComponent GetSlots(MeshIdentity mesh)
        {
            if (mesh.Slots.Length == 0) { return SlotsComponent.None; }
            if (parsed.TryGetValue(mesh.Slots, out SlotsComponent known)) { return known; }
            if (parsed.Count > 10000) { parsed.Clear(); }
            return parsed[mesh.Slots] = SlotsComponent.Read(JsonReader.Read(mesh.Slots), SlotsComponent.Name);
        }

        void SetSlots(MeshIdentity mesh, SlotsComponent slots)
        {
            mesh.Slots = JsonWriter.Write(slots.ToJson(null));
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }
    }
}
