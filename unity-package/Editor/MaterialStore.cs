using System;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Json;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes materials. New materials of the daemon get files in <see cref="MaterialFiles.Folder"/>; no other
    /// material is ever written.
    /// </summary>
    public sealed class MaterialStore
    {
        readonly AssetRecords<MaterialIdentity> records = new AssetRecords<MaterialIdentity>(scene => scene.Materials);
        readonly MaterialFiles files = new MaterialFiles();
        readonly UserMaterials users = new UserMaterials();
        readonly MaterialSupport support = MaterialSupport.Find();
        readonly string supportKey = MaterialSupport.FindKey();
        readonly UnsupportedContent unsupported;
        readonly Dictionary<string, MaterialTag> tags = new Dictionary<string, MaterialTag>();
        readonly HashSet<string> told = new HashSet<string>();

        /// <summary>Materials that are never synchronized: those that Unity and the pipeline bring.</summary>
        readonly HashSet<ObjectKey> ignored = new HashSet<ObjectKey>();
        readonly MaterialContent components;
        List<MaterialIdentity> recordsBefore = new List<MaterialIdentity>();

        public MaterialStore(UnsupportedContent unsupported)
        {
            this.unsupported = unsupported;
            Images = new ImageStore(unsupported, IsSynchronized);
            components = new MaterialContent(support, Images, unsupported, IsUsedOtherwise);
        }

        /// <summary>The images of the materials, and others that the daemon has.</summary>
        public ImageStore Images { get; }

        /// <summary>Whether the editor synchronizes materials.</summary>
        public bool IsSynchronized => support != null;

        /// <summary>Whether the render pipeline or the color space has changed since the session began.</summary>
        public bool HasNewSupport => MaterialSupport.FindKey() != supportKey;

        /// <summary>Returns the uuids of the materials that are synchronized.</summary>
        public List<string> GetUuids() => IsSynchronized ? records.GetUuids() : new List<string>();

        /// <summary>Returns whether the scene has the material, also while materials are not synchronized.</summary>
        public bool Contains(string uuid) => records.Find(uuid) != null;

        /// <summary>Returns the material of a uuid; null without one.</summary>
        public Material Find(string uuid) => uuid == null ? null : records.Find(uuid)?.Material;

        /// <summary>Returns the uuid of a material; null for one that is not synchronized, as the default of a pipeline.</summary>
        public string FindUuid(Material material) => records.Find(material)?.Uuid;

        /// <summary>
        /// Gives a material that an object shows an identity if it has none. Returns false for one that cannot have one.
        /// </summary>
        public bool Identify(Material material, GameObject shownBy, ICollection<string> found)
        {
            bool isSettled = material == null || records.Find(material) != null || ignored.Contains(ObjectKey.Of(material));
            if (isSettled) { return true; }
            if (!IsSynchronized)
            {
                unsupported.Report("materials", shownBy);
                return true;
            }
            string path = AssetDatabase.GetAssetPath(material);
            if (path.Length == 0)
            {
                unsupported.Report("materials that are no assets", shownBy);
                return true;
            }
            bool isInProject = path.StartsWith("Assets/", StringComparison.Ordinal)
                || path.StartsWith("Packages/", StringComparison.Ordinal);
            if (!isInProject || material == UnityCompat.DefaultMaterial())
            {
                ignored.Add(ObjectKey.Of(material));
                return true;
            }
            MaterialTag tag = FindTag(material);
            string uuid = tag?.Uuid ?? UserMaterials.FindUuid(material);
            if (uuid == null) { return false; }
            records.Add(new MaterialIdentity { Uuid = uuid, Material = material });
            files.Revive(material);
            found.Add(uuid);
            return true;
        }

        /// <summary>Gives the textures that a material shows identities.</summary>
        public void IdentifyTextures(string uuid, DirtySet dirty)
        {
            Material material = Find(uuid);
            if (material != null) { components.Textures.Identify(material, MaterialShader.Find(material.shader.name), dirty); }
        }

        /// <summary>Returns what Unity shows of a material; null if there is none.</summary>
        public Entity Read(string uuid)
        {
            MaterialIdentity identity = IsSynchronized ? records.Find(uuid) : null;
            if (identity == null) { return null; }
            Material material = identity.Material;
            MaterialTag tag = FindTag(material);
            MaterialShader shader = MaterialShader.Find(material.shader.name);
            List<string> locked = new List<string>();
            Entity entity = new Entity(uuid, Kinds.Material);
            if (tag != null && !IsWritable(material, shader)) { ReadSwapped(entity, identity, tag); }
            else if (tag != null) { ReadOwn(entity, material, tag, shader, locked); }
            else { ReadUsers(entity, identity, shader, locked); }
            entity.Set(KeptRecords.ParseLocks(identity.Locks).WithUnity(locked));
            return entity;
        }

        /// <summary>Creates or changes a material.</summary>
        public void Write(Entity content, bool isCreate, string label)
        {
            if (!IsSynchronized) { throw new SyncException(ErrorCode.ComponentInvalid, "materials are not synchronized"); }
            MaterialIdentity identity = records.Find(content.Uuid) ?? Open(content);
            LocksComponent locks = content.Find<LocksComponent>(LocksComponent.Name) ?? (isCreate ? LocksComponent.None : null);
            if (locks != null) { identity.Locks = KeptRecords.WriteLocks(locks); }
            Material material = identity.Material;
            MaterialTag tag = FindTag(material);
            MaterialShader shader = MaterialShader.Find(material.shader.name);
            string name = content.Find<NameComponent>("name")?.Name;
            if (tag != null && IsWritable(material, shader))
            {
                WriteOwn(material, components.Change(tag, content, material, shader, isCreate), shader, label);
            }
            else
            {
                if (name != null) { (identity.Name, identity.AssetName) = (name, material.name); }
                // A material of the user's shows what it shows; values for one of ours are kept until it is itself again.
                if (tag != null) { Keep(identity, content, tag); }
            }
            records.MarkChanged();
        }

        /// <summary>
        /// Returns what renderers are to show for a preview, which writes no material; null for one that VibeSync must not write.
        /// </summary>
        public MaterialPropertyBlock MakeBlock(Entity content)
        {
            Material material = IsSynchronized ? Find(content.Uuid) : null;
            MaterialTag tag = material == null ? null : FindTag(material);
            MaterialShader shader = tag == null ? null : MaterialShader.Find(material.shader.name);
            return shader == null || !IsWritable(material, shader) ? null
                : components.MakeBlock(material, components.Change(tag, content, material, shader, false), shader);
        }

        /// <summary>Removes the identity of a material. The file of one of VibeSync's goes to the trash later.</summary>
        public void Delete(string uuid)
        {
            MaterialIdentity identity = records.Find(uuid);
            if (identity == null) { return; }
            if (FindTag(identity.Material) != null) { files.MarkDeleted(identity.Material); }
            records.Remove(identity);
        }

        /// <summary>Removes the identity of a material, and leaves the asset.</summary>
        public void Forget(string uuid)
        {
            MaterialIdentity identity = records.Find(uuid);
            if (identity != null) { records.Remove(identity); }
        }

        /// <summary>Removes the identities of materials whose assets were deleted, and returns their uuids.</summary>
        public HashSet<string> TakeDeleted()
        {
            HashSet<string> uuids = new HashSet<string>();
            foreach (MaterialIdentity identity in records.FindDeleted())
            {
                records.Remove(identity);
                uuids.Add(identity.Uuid);
            }
            return uuids;
        }

        /// <summary>Assigns another uuid; returns null if there is no such material, or no other uuid.</summary>
        public string RenewUuid(string uuid)
        {
            MaterialIdentity identity = records.Find(uuid);
            if (identity == null) { return null; }
            MaterialTag tag = FindTag(identity.Material);
            string renewed = tag != null ? Uuid.New() : UserMaterials.FindNextUuid(identity.Material, uuid);
            if (renewed == null) { return null; }
            if (tag != null)
            {
                tag = MaterialTag.Parse(tag.Write());
                tag.Uuid = renewed;
                MaterialTag.WriteText(identity.Material, tag.Write());
                files.MarkChanged(identity.Material);
            }
            identity.Uuid = renewed;
            records.MarkChanged();
            return renewed;
        }

        /// <summary>Assigns another uuid to an image, also in maps; returns null if there is no such image, or no other uuid.</summary>
        public string RenewImage(string uuid)
        {
            string renewed = Images.RenewUuid(uuid);
            foreach (string each in renewed == null ? new List<string>() : records.GetUuids())
            {
                Material material = Find(each);
                MaterialTag tag = FindTag(material);
                if (tag == null || !new List<string>(tag.Maps.References).Contains(uuid)) { continue; }
                MaterialTag.WriteText(material, tag.Write().Replace(uuid, renewed));
                files.MarkChanged(material);
            }
            return renewed;
        }

        /// <summary>
        /// Writes the values that arrived while a material of VibeSync's had another shader, if it is writable again.
        /// </summary>
        public void Settle(string uuid)
        {
            MaterialIdentity identity = IsSynchronized ? records.Find(uuid) : null;
            if (identity == null || identity.Pbr.Length == 0) { return; }
            MaterialTag tag = FindTag(identity.Material);
            MaterialShader shader = MaterialShader.Find(identity.Material.shader.name);
            if (tag == null || !IsWritable(identity.Material, shader)) { return; }
            Entity kept = new Entity(uuid, Kinds.Material);
            ReadSwapped(kept, identity, tag);
            (identity.Pbr, identity.Emission, identity.Maps) = ("", "", "");
            WriteOwn(identity.Material, components.Change(tag, kept, identity.Material, shader, false), shader, null);
            records.MarkChanged();
        }

        /// <summary>
        /// Shows images that were just created or changed, in materials whose maps name one: the file of one may have been lost,
        /// and textures are made of others.
        /// </summary>
        public void ShowImages(ICollection<string> changed, string label)
        {
            foreach (string uuid in records.GetUuids())
            {
                Material material = Find(uuid);
                MaterialTag tag = FindTag(material);
                MaterialShader shader = MaterialShader.Find(material.shader.name);
                bool isNamed = tag != null && new List<string>(tag.Maps.References).Exists(changed.Contains);
                if (!isNamed || !IsWritable(material, shader)) { continue; }
                MaterialTag shown = components.Change(tag, new Entity(uuid, Kinds.Material), material, shader, false);
                if (shown.Write() != tag.Write()) { WriteOwn(material, shown, shader, label); }
                else { components.Refresh(material, shown.Shown, shader); }
            }
        }

        /// <summary>Returns facts about a material of VibeSync's; null for another one.</summary>
        public MeshState ReadState(string uuid)
        {
            MaterialIdentity identity = IsSynchronized ? records.Find(uuid) : null;
            MaterialTag tag = identity == null || identity.Pbr.Length > 0 ? null : FindTag(identity.Material);
            if (tag == null) { return null; }
            SyncRecord saved = new SyncRecord();
            Entity content = new Entity(uuid, Kinds.Material);
            content.Set(tag.Pbr);
            content.Set(tag.Emission);
            content.Set(tag.Maps);
            saved.SetDigests(content);
            return new MeshState(tag.Name, false, saved.WriteDigests());
        }

        /// <summary>Has the file of a material of VibeSync's saved soon.</summary>
        public void MarkShared(string uuid)
        {
            Material material = Find(uuid);
            if (material != null && FindTag(material) != null) { files.MarkChanged(material); }
        }

        public void SaveIdle(double now)
        {
            files.SaveIdle(now);
            Images.RemoveIdle(now);
        }

        /// <summary>Saves all changed files.</summary>
        public void SaveAll() => files.SaveAll(records.GetUuids().ConvertAll(Find).FindAll(material => FindTag(material) != null));

        /// <summary>Copies the identities, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            files.BeginBatch();
            Images.BeginBatch();
            recordsBefore = records.Copy();
        }

        /// <summary>Reverts the parts that the undo history does not: identities and created files.</summary>
        public void RevertBatch()
        {
            records.Restore(recordsBefore);
            foreach (string uuid in records.GetUuids()) { files.Revive(Find(uuid)); }
            files.RevertBatch();
            Images.RevertBatch();
        }

        /// <summary>Returns whether VibeSync may write one of its materials: nobody gave it another shader or a parent.</summary>
        bool IsWritable(Material material, MaterialShader shader) => support.CanWrite(shader) && !UnityCompat.IsVariant(material);

        void ReadOwn(Entity entity, Material material, MaterialTag tag, MaterialShader shader, List<string> locked)
        {
            entity.Set(NameComponent.FromEditor(material.name == tag.AssetName ? tag.Name : material.name));
            locked.AddRange(shader.MissingFields);
            components.Read(entity, material, tag, shader, locked);
        }

        /// <summary>Reads a material of VibeSync's that somebody gave another shader: it counts with the received values.</summary>
        void ReadSwapped(Entity entity, MaterialIdentity identity, MaterialTag tag)
        {
            Material material = identity.Material;
            if (identity.Name.Length == 0) { (identity.Name, identity.AssetName) = (tag.Name, tag.AssetName); }
            entity.Set(NameComponent.FromEditor(material.name == identity.AssetName ? identity.Name : material.name));
            entity.Set(identity.Pbr.Length > 0 ? PbrComponent.Read(JsonReader.Read(identity.Pbr), PbrComponent.Name) : tag.Pbr);
            entity.Set(identity.Emission.Length > 0
                ? EmissionComponent.Read(JsonReader.Read(identity.Emission), EmissionComponent.Name) : tag.Emission);
            if (Images.IsSynchronized) { entity.Set(ReadKeptMaps(identity, tag)); }
            if (!told.Add(identity.Uuid)) { return; }
            Debug.Log("VibeSync does not write the material " + material.name
                + " any more, because it has another shader or a parent");
        }

        void ReadUsers(Entity entity, MaterialIdentity identity, MaterialShader shader, List<string> locked)
        {
            Material material = identity.Material;
            bool isNamed = identity.Name.Length > 0 && material.name == identity.AssetName;
            entity.Set(NameComponent.FromEditor(isNamed ? identity.Name : material.name));
            foreach (string field in PbrValues.Fields) { locked.Add(PbrComponent.Name + "." + field); }
            foreach (string field in EmissionComponent.Fields) { locked.Add(EmissionComponent.Name + "." + field); }
            foreach (string field in MapsComponent.Fields)
            {
                if (Images.IsSynchronized) { locked.Add(MapsComponent.Name + "." + field); }
            }
            if (shader != null)
            {
                components.Read(entity, material, null, shader, locked);
                return;
            }
            if (Images.IsSynchronized) { entity.Set(MapsComponent.None); }
            PbrValues shown = PbrValues.Default;
            float[] color = MaterialReader.FindBaseColor(material);
            NativeMaterial native = NativeMaterial.From(new PbrComponent(shown), EmissionComponent.None, support.Shader,
                support.IsGamma);
            if (color != null) { native.BaseColor = color; }
            entity.Set(native.ToPbr(new PbrComponent(shown), support.Shader, support.IsGamma));
            entity.Set(EmissionComponent.None);
        }

        /// <summary>Returns whether a material of VibeSync's reads something else than normals from an image.</summary>
        bool IsUsedOtherwise(string image) => records.GetUuids().Exists(uuid =>
        {
            MapsComponent maps = FindTag(Find(uuid))?.Maps ?? MapsComponent.None;
            return Array.Exists(MapsComponent.Fields, field => field != MapsComponent.Normal && maps.Find(field)?.Image == image);
        });

        MapsComponent ReadKeptMaps(MaterialIdentity identity, MaterialTag tag)
        {
            MapsComponent maps = identity.Maps.Length > 0
                ? MapsComponent.Read(JsonReader.Read(identity.Maps), MapsComponent.Name) : tag.Maps;
            return maps.Select((_, map) => map != null && Images.IsKnown(map.Image) ? map : null);
        }

        MaterialIdentity Open(Entity content)
        {
            PbrComponent pbr = content.Find<PbrComponent>(PbrComponent.Name);
            EmissionComponent emission = content.Find<EmissionComponent>(EmissionComponent.Name);
            if (pbr == null || emission == null)
            {
                throw new SyncException(ErrorCode.ComponentInvalid, "a new material has no data");
            }
            Material material = files.Find(content.Uuid) ?? users.Find(content.Uuid);
            if (material == null)
            {
                string name = content.Find<NameComponent>("name")?.Name ?? "Material";
                material = files.Create(content.Uuid, name, Shader.Find(support.Shader.Name));
                MaterialTag tag = new MaterialTag
                {
                    Uuid = content.Uuid, Guid = AssetNames.FindGuid(material), Name = name, AssetName = material.name,
                    Pbr = pbr, Emission = emission,
                };
                MaterialTag.WriteText(material, tag.Write());
                components.Write(material, tag, support.Shader, true);
                EditorUtility.SetDirty(material);
                files.MarkChanged(material);
                if (support.IsGamma && told.Add("gamma"))
                {
                    Debug.Log("VibeSync does not convert colors of materials, because the project's color space is gamma");
                }
            }
            files.Revive(material);
            MaterialIdentity identity = new MaterialIdentity { Uuid = content.Uuid, Material = material };
            records.Add(identity);
            return identity;
        }

        void WriteOwn(Material material, MaterialTag tag, MaterialShader shader, string label)
        {
            if (label != null) { Undo.RecordObject(material, label); }
            MaterialTag.WriteText(material, tag.Write());
            components.Write(material, tag, shader, false);
            EditorUtility.SetDirty(material);
            files.MarkChanged(material);
        }

        void Keep(MaterialIdentity identity, Entity content, MaterialTag tag)
        {
            Entity before = new Entity(identity.Uuid, Kinds.Material);
            ReadSwapped(before, identity, tag);
            PbrComponent pbr = content.Find<PbrComponent>(PbrComponent.Name) ?? before.Find<PbrComponent>(PbrComponent.Name);
            identity.Pbr = JsonWriter.Write(pbr.ToJson(null));
            EmissionComponent emission = content.Find<EmissionComponent>(EmissionComponent.Name)
                ?? before.Find<EmissionComponent>(EmissionComponent.Name);
            identity.Emission = JsonWriter.Write(emission.ToJson(null));
            MapsComponent maps = content.Find<MapsComponent>(MapsComponent.Name) ?? ReadKeptMaps(identity, tag);
            identity.Maps = JsonWriter.Write(maps.ToJson(null));
        }

        /// <summary>Returns the record inside of a material. One text is parsed once.</summary>
        MaterialTag FindTag(Material material)
        {
            string text = MaterialTag.ReadText(material);
            if (text.Length == 0) { return null; }
            if (!tags.TryGetValue(text, out MaterialTag tag))
            {
                if (tags.Count > 10000) { tags.Clear(); }
                tags[text] = tag = MaterialTag.Parse(text);
            }
            return tag != null && tag.Guid == AssetNames.FindGuid(material) ? tag : null;
        }
    }
}
