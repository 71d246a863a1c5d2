using System;
using System.Collections.Generic;
using System.IO;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using VibeSync.Core.Session;
using VibeSync.Core.Space;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>
    /// Reads and writes images. New images of the daemon get files in <see cref="ImageFiles.Folder"/>; no other file is ever
    /// written.
    /// </summary>
    public sealed class ImageStore : IMapImages
    {
        readonly AssetRecords<ImageIdentity> records = new AssetRecords<ImageIdentity>(scene => scene.Images);
        readonly ImageFiles files = new ImageFiles();
        readonly UserImages users = new UserImages();
        readonly ImageReader reader = new ImageReader();
        readonly MixedTextures mixed;
        readonly UnsupportedContent unsupported;
        readonly string project = Path.GetDirectoryName(Application.dataPath);
        List<ImageIdentity> recordsBefore = new List<ImageIdentity>();

        /// <param name="isSynchronized">Whether the editor synchronizes images.</param>
        public ImageStore(UnsupportedContent unsupported, bool isSynchronized)
        {
            this.unsupported = unsupported;
            IsSynchronized = isSynchronized;
            mixed = new MixedTextures(reader, FindPath);
        }

        public bool IsSynchronized { get; }

        /// <summary>Returns the uuids of the images that are synchronized.</summary>
        public List<string> GetUuids() => IsSynchronized ? records.GetUuids() : new List<string>();

        public bool Contains(string uuid) => records.Find(uuid) != null;

        public bool IsKnown(string uuid) => records.Knows(uuid);

        public bool IsPresent(string key) => FindTexture(key) != null;

        public bool HasAlpha(string uuid) => FindImporter(uuid) is TextureImporter importer
            && importer.alphaSource != TextureImporterAlphaSource.None && importer.DoesSourceTextureHaveAlpha();

        public bool CanMix(string uuid) => mixed.CanMix(FindPath(uuid));

        /// <summary>Returns the texture of an image, or that of a recipe; null without one.</summary>
        public Texture FindTexture(string key) => key == null ? null
            : Uuid.IsValid(key) ? records.Find(key)?.File as Texture : mixed.Find(key);

        /// <summary>Makes the texture of a recipe, if it is missing or if one of its images has changed.</summary>
        public void Mix(string key)
        {
            if (key != null && !Uuid.IsValid(key)) { mixed.Ensure(key); }
        }

        /// <summary>Returns the name of a texture, as <see cref="NativeMaps"/> has it.</summary>
        public string FindKey(Texture texture)
        {
            if (texture == null) { return null; }
            return records.Find(texture)?.Uuid ?? mixed.FindKey(AssetDatabase.GetAssetPath(texture)) ?? (CanIdentify(texture) ? NativeMaps.Pending : NativeMaps.Foreign);
        }

        /// <summary>Gives a texture that a material shows an identity, if it has none and can have one.</summary>
        public void Identify(Texture texture, Material shownBy, DirtySet dirty)
        {
            bool isKnown = texture == null || records.Find(texture) != null;
            if (isKnown || mixed.FindKey(AssetDatabase.GetAssetPath(texture)) != null) { return; }
            if (!CanIdentify(texture))
            {
                unsupported.Report("textures that are no files of a known format", shownBy);
                return;
            }
            string path = AssetDatabase.GetAssetPath(texture);
            string uuid = ImageTag.Find(path)?.Uuid ?? UserImages.FindUuid(path);
            if (uuid == null) { return; }
            records.Add(new ImageIdentity { Uuid = uuid, File = texture });
            files.Revive(texture);
            dirty.Add(uuid);
        }

        /// <summary>Copies what the editor knows of an image; the file itself is read later. Null if there is none.</summary>
        public Sample Sample(string uuid)
        {
            ImageIdentity identity = IsSynchronized ? records.Find(uuid) : null;
            if (identity == null) { return null; }
            string path = AssetDatabase.GetAssetPath(identity.File);
            ImageTag tag = ImageTag.Find(path);
            (string keptName, string assetName) = tag == null ? (identity.Name, identity.AssetName) : (tag.Name, tag.AssetName);
            bool isNamed = keptName.Length > 0 && identity.File.name == assetName;
            NameComponent name = NameComponent.FromEditor(isNamed ? keptName : identity.File.name);
            ImageValues values = tag?.Values ?? default;
            string full = AssetNames.FullPath(path);
            if (AssetImporter.GetAtPath(path) is TextureImporter importer)
            {
                if (tag == null) { values.Format = reader.ReadHeader(full).Format; }
                ImageSettings.Read(importer, tag?.Values, ref values);
            }
            long bytes = new FileInfo(full).Exists ? new FileInfo(full).Length : 0;
            return new Sample(bytes, _ =>
            {
                Entity entity = new Entity(uuid, Kinds.Image);
                entity.Set(name);
                ImageComponent image = reader.Read(full, values, tag);
                if (image != null) { entity.Set(image); }
                return entity;
            });
        }

        /// <summary>Puts the file of a change beside the project, on any thread; returns its path, null without a file.</summary>
        public string Prepare(Change change)
        {
            ImageComponent image = change.Content?.Find<ImageComponent>(ImageComponent.Name);
            return image == null ? null : ImageFiles.Stage(project, image.File.Load());
        }

        /// <summary>Creates or changes an image.</summary>
        /// <param name="staged">The result of <see cref="Prepare"/>.</param>
        public void Write(Entity content, string staged)
        {
            if (!IsSynchronized) { throw new SyncException(ErrorCode.ComponentInvalid, "images are not synchronized"); }
            ImageIdentity identity = records.Find(content.Uuid) ?? Open(content, staged);
            string name = content.Find<NameComponent>("name")?.Name;
            ImageComponent image = content.Find<ImageComponent>(ImageComponent.Name);
            string path = AssetDatabase.GetAssetPath(identity.File);
            ImageTag tag = ImageTag.Find(path);
            // A file of the user's is what it is.
            if (tag == null) { (identity.Name, identity.AssetName) = (name ?? identity.Name, identity.File.name); }
            else
            {
                if (name != null && name != tag.Name) { files.Rename(path, tag, name); }
                if (image != null) { Replace(identity, path, tag, image, staged); }
            }
            if (staged != null && File.Exists(staged)) { File.Delete(staged); }
            records.MarkChanged();
        }

        /// <summary>Removes the identity of an image. The file of one of VibeSync's goes to the trash later.</summary>
        public void Delete(string uuid)
        {
            ImageIdentity identity = records.Find(uuid);
            if (identity == null) { return; }
            if (ImageTag.Find(AssetDatabase.GetAssetPath(identity.File)) != null) { files.MarkDeleted(identity.File); }
            records.Remove(identity);
        }

        /// <summary>Removes the identities of images whose files were deleted; returns whether there were any.</summary>
        public bool TakeDeleted()
        {
            List<ImageIdentity> gone = records.FindDeleted();
            foreach (ImageIdentity identity in gone) { records.Remove(identity); }
            return gone.Count > 0;
        }

        /// <summary>Assigns another uuid; returns null if there is no such image, or no other uuid.</summary>
        public string RenewUuid(string uuid)
        {
            ImageIdentity identity = records.Find(uuid);
            if (identity == null) { return null; }
            string path = AssetDatabase.GetAssetPath(identity.File);
            ImageTag tag = ImageTag.Find(path);
            string renewed = tag != null ? Uuid.New()
                : UserAssets.FindNextUuid(generation => UserImages.FindUuid(path, generation), uuid);
            if (renewed == null) { return null; }
            if (tag != null)
            {
                tag.Uuid = renewed;
                ImageFiles.Note(path, tag.Write());
            }
            identity.Uuid = renewed;
            records.MarkChanged();
            return renewed;
        }

        /// <summary>Returns facts about an image of VibeSync's; null for another one.</summary>
        public MeshState ReadState(string uuid)
        {
            ImageIdentity identity = IsSynchronized ? records.Find(uuid) : null;
            ImageTag tag = identity == null ? null : ImageTag.Find(AssetDatabase.GetAssetPath(identity.File));
            return tag == null ? null : new MeshState(tag.Name, false, tag.Digests);
        }

        /// <summary>Notes in a file of VibeSync's that editor and daemon share what it is.</summary>
        public void MarkShared(string uuid)
        {
            ImageIdentity identity = records.Find(uuid);
            string path = identity == null ? "" : AssetDatabase.GetAssetPath(identity.File);
            ImageTag tag = ImageTag.Find(path);
            if (tag == null || !SceneRegistry.Current.Load(uuid).Digests.TryGetValue(ImageComponent.Name, out ulong shared)) { return; }
            bool isNoted = SyncRecord.Read(0, tag.Digests).Digests.TryGetValue(ImageComponent.Name, out ulong noted)
                && noted == shared;
            ImageComponent now = isNoted ? null : Sample(uuid).Convert().Find<ImageComponent>(ImageComponent.Name);
            if (now == null || now.Digest() != shared) { return; }
            tag.Set(now);
            ImageFiles.Note(path, tag.Write());
        }

        /// <summary>Has an image read as a map wants it: beyond its edges, and as normals. Only one of VibeSync's is changed.</summary>
        /// <param name="isNormal">Whether it has normals, and nothing else is read from it.</param>
        public void SetUse(TextureMap map, bool isNormal)
        {
            if (!(FindImporter(map.Image) is TextureImporter importer) || ImageTag.Find(importer.assetPath) == null) { return; }
            bool isChanged = ImageSettings.WriteSampling(importer, map);
            TextureImporterType type = isNormal ? TextureImporterType.NormalMap : TextureImporterType.Default;
            if (importer.textureType != type && !(isNormal && importer.sRGBTexture))
            {
                importer.textureType = type;
                isChanged = true;
            }
            if (isChanged) { importer.SaveAndReimport(); }
        }

        public void RemoveIdle(double now) => files.RemoveIdle(now);

        /// <summary>Copies the identities, for <see cref="RevertBatch"/>.</summary>
        public void BeginBatch()
        {
            files.BeginBatch();
            recordsBefore = records.Copy();
        }

        /// <summary>Reverts the parts that the undo history does not: identities and files.</summary>
        public void RevertBatch()
        {
            records.Restore(recordsBefore);
            foreach (string uuid in records.GetUuids()) { files.Revive(records.Find(uuid).File); }
            files.RevertBatch();
        }

        ImageIdentity Open(Entity content, string staged)
        {
            string known = users.Find(content.Uuid);
            Object file = files.Find(content.Uuid) ?? (known == null ? null : AssetDatabase.LoadMainAssetAtPath(known));
            if (file == null)
            {
                ImageComponent image = content.Find<ImageComponent>(ImageComponent.Name);
                if (image == null || staged == null)
                {
                    throw new SyncException(ErrorCode.ComponentInvalid, "a new image has no file");
                }
                file = files.Create(content.Uuid, content.Find<NameComponent>("name")?.Name ?? "Image", image, staged);
                if (!(file is Texture)) { unsupported.Report("the look of images that Unity cannot read", file); }
            }
            files.Revive(file);
            ImageIdentity identity = new ImageIdentity { Uuid = content.Uuid, File = file };
            records.Add(identity);
            return identity;
        }

        void Replace(ImageIdentity identity, string path, ImageTag tag, ImageComponent image, string staged)
        {
            // An image that is so already is not imported again, as when the daemon repeats a state.
            ImageComponent now = Sample(tag.Uuid).Convert().Find<ImageComponent>(ImageComponent.Name);
            if (now != null && now.Digest() == image.Digest() && tag.Content == image.File.ContentDigest) { return; }
            files.Replace(path, tag, image, staged);
            // A file of another format may have another main object.
            identity.File = AssetDatabase.LoadMainAssetAtPath(AssetDatabase.GUIDToAssetPath(tag.Guid));
        }

        /// <summary>Returns whether a texture is an asset of the project whose file can travel.</summary>
        bool CanIdentify(Texture texture)
        {
            string path = IsSynchronized ? AssetDatabase.GetAssetPath(texture) : "";
            bool isInProject = path.StartsWith("Assets/", StringComparison.Ordinal)
                || path.StartsWith("Packages/", StringComparison.Ordinal);
            return isInProject && AssetImporter.GetAtPath(path) is TextureImporter && AssetDatabase.IsMainAsset(texture)
                && reader.ReadHeader(AssetNames.FullPath(path)).Format != null;
        }

        AssetImporter FindImporter(string uuid) =>
            FindPath(uuid) is string path && path.Length > 0 ? AssetImporter.GetAtPath(path) : null;

        string FindPath(string uuid)
        {
            Object file = records.Find(uuid)?.File;
            return file == null ? "" : AssetDatabase.GetAssetPath(file);
        }
    }
}
