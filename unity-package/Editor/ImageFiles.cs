using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using VibeSync.Core;
using VibeSync.Core.Scene;
using Object = UnityEngine.Object;

namespace VibeSync.Editor
{
    /// <summary>Creates, replaces, finds and removes the files of images from the daemon.</summary>
    public sealed class ImageFiles
    {
        public const string Folder = MeshFiles.Folder + "/Images";

        /// <summary>The folder of files that wait for the main thread. Unity empties it when it ends.</summary>
        const string Waiting = "Temp/VibeSync";

        /// <summary>Seconds without a change before files are removed.</summary>
        const double IdleSeconds = 1;

        /// <summary>The steps that revert the batch: files that it made, and those that it replaced.</summary>
        readonly List<Action> reverts = new List<Action>();

        /// <summary>The files that the batch replaced, which a revert puts back.</summary>
        readonly List<string> replaced = new List<string>();

        /// <summary>The images that a batch deleted: their files go to the trash once nothing has changed for a while.</summary>
        readonly HashSet<ObjectKey> deleted = new HashSet<ObjectKey>();
        Dictionary<string, string> pathsByUuid;
        int indexedImports = -1;
        bool hasChanged;
        double changedAt;

        /// <summary>Writes a file beside the project's assets, on any thread; returns its path.</summary>
        public static string Stage(string project, byte[] bytes)
        {
            string folder = Path.Combine(project, Waiting);
            Directory.CreateDirectory(folder);
            string path = Path.Combine(folder, Uuid.New());
            File.WriteAllBytes(path, bytes);
            return path;
        }

        /// <summary>Creates an asset of a staged file; returns its main object.</summary>
        public Object Create(string uuid, string name, ImageComponent image, string staged)
        {
            AssetNames.MakeFolder(Folder);
            string end = Extension(image.Values.Format);
            // Blender names an image by its file, with the extension.
            bool hasEnd = name.EndsWith(end, StringComparison.OrdinalIgnoreCase);
            string stem = hasEnd ? name.Substring(0, name.Length - end.Length) : name;
            string path = AssetDatabase.GenerateUniqueAssetPath(Folder + "/" + AssetNames.MakeFileName(stem, "Image") + end);
            File.Move(staged, AssetNames.FullPath(path));
            AssetDatabase.ImportAsset(path);
            Object made = AssetDatabase.LoadMainAssetAtPath(path);
            if (made == null)
            {
                AssetDatabase.DeleteAsset(path);
                throw new SyncException(ErrorCode.ApplyFailed, "Unity made no asset of the image");
            }
            reverts.Add(() => AssetDatabase.DeleteAsset(path));
            ImageTag tag = new ImageTag
            {
                Uuid = uuid, Guid = AssetDatabase.AssetPathToGUID(path), Name = name, AssetName = made.name,
            };
            Save(path, tag, image, true);
            // The import of an own file changes nothing else in the index.
            if (pathsByUuid != null) { pathsByUuid[uuid] = path; }
            indexedImports = ImageImports.Count;
            return made;
        }

        /// <summary>Sets the name of an image in its record.</summary>
        public void Rename(string path, ImageTag tag, string name)
        {
            string before = tag.Write();
            (tag.Name, tag.AssetName) = (name, AssetDatabase.LoadMainAssetAtPath(path).name);
            Note(path, tag.Write());
            reverts.Add(() => Note(path, before));
        }

        /// <summary>Replaces the file of an asset by a staged one, if its bytes are others, and sets how it is read.</summary>
        public void Replace(string path, ImageTag tag, ImageComponent image, string staged)
        {
            string before = tag.Write();
            string old = null;
            if (staged != null && ImageFile.Open(AssetNames.FullPath(path)).ContentDigest != image.File.ContentDigest)
            {
                path = MoveTo(path, image.Values.Format);
                replaced.Add(old = staged + ".old");
                File.Move(AssetNames.FullPath(path), old);
                File.Move(staged, AssetNames.FullPath(path));
                AssetDatabase.ImportAsset(path);
            }
            reverts.Add(() => Restore(path, before, old));
            Save(path, tag, image, false);
        }

        /// <summary>Sets the record in the .meta file, without an import.</summary>
        public static void Note(string path, string record)
        {
            AssetImporter.GetAtPath(path).userData = record;
            AssetDatabase.WriteImportSettingsIfDirty(path);
        }

        /// <summary>Returns the main object of VibeSync's image with that uuid; null if the project has none.</summary>
        public Object Find(string uuid)
        {
            if (pathsByUuid == null) { Index(); }
            bool isFound = pathsByUuid.TryGetValue(uuid, out string path) && ImageTag.Find(path)?.Uuid == uuid;
            return isFound ? AssetDatabase.LoadMainAssetAtPath(path) : null;
        }

        /// <summary>Forgets how to revert the batch before, and the index after other imports.</summary>
        public void BeginBatch()
        {
            reverts.Clear();
            foreach (string path in replaced) { File.Delete(path); }
            replaced.Clear();
            if (indexedImports != ImageImports.Count) { pathsByUuid = null; }
        }

        /// <summary>Reverts the files that the batch created or replaced.</summary>
        public void RevertBatch()
        {
            for (int i = reverts.Count - 1; i >= 0; i--) { reverts[i](); }
            reverts.Clear();
        }

        /// <summary>Has the file of an image moved to the trash soon, unless it comes back before.</summary>
        public void MarkDeleted(Object image)
        {
            deleted.Add(ObjectKey.Of(image));
            hasChanged = true;
        }

        /// <summary>Keeps the file of an image that came back.</summary>
        public void Revive(Object image) => deleted.Remove(ObjectKey.Of(image));

        /// <summary>Removes one file, once nothing has changed for a while.</summary>
        public void RemoveIdle(double now)
        {
            if (deleted.Count == 0) { return; }
            if (hasChanged) { changedAt = now; }
            hasChanged = false;
            if (now - changedAt < IdleSeconds) { return; }
            ObjectKey key = deleted.First();
            deleted.Remove(key);
            Object image = key.Resolve();
            string path = image == null ? "" : AssetDatabase.GetAssetPath(image);
            if (ImageTag.Find(path) != null) { AssetDatabase.MoveAssetToTrash(path); }
        }

        /// <summary>Sets record and settings, and imports the file with them.</summary>
        static void Save(string path, ImageTag tag, ImageComponent image, bool isNew)
        {
            AssetImporter importer = AssetImporter.GetAtPath(path);
            tag.Set(image);
            importer.userData = tag.Write();
            if (importer is TextureImporter texture) { ImageSettings.Write(texture, image.Values, isNew); }
            importer.SaveAndReimport();
        }

        static void Restore(string path, string record, string old)
        {
            if (old != null)
            {
                File.Delete(AssetNames.FullPath(path));
                File.Move(old, AssetNames.FullPath(path));
                AssetDatabase.ImportAsset(path);
            }
            AssetImporter importer = AssetImporter.GetAtPath(path);
            importer.userData = record;
            ImageTag tag = ImageTag.Find(path);
            if (importer is TextureImporter texture && tag != null) { ImageSettings.Write(texture, tag.Values, false); }
            importer.SaveAndReimport();
        }

        /// <summary>Gives a file the extension of another format: Unity goes by it.</summary>
        static string MoveTo(string path, string format)
        {
            string end = Extension(format);
            if (path.EndsWith(end, StringComparison.OrdinalIgnoreCase)) { return path; }
            string renamed = AssetDatabase.GenerateUniqueAssetPath(Path.ChangeExtension(path, end));
            string error = AssetDatabase.MoveAsset(path, renamed);
            return error.Length == 0 ? renamed : throw new SyncException(ErrorCode.ApplyFailed, error);
        }

        static string Extension(string format) => format == "jpeg" ? ".jpg" : format == "tiff" ? ".tif" : "." + format;

        void Index()
        {
            pathsByUuid = new Dictionary<string, string>();
            indexedImports = ImageImports.Count;
            if (!AssetDatabase.IsValidFolder(Folder)) { return; }
            foreach (string guid in AssetDatabase.FindAssets("", new[] { Folder }))
            {
                string path = AssetDatabase.GUIDToAssetPath(guid);
                ImageTag tag = ImageTag.Find(path);
                if (tag != null) { pathsByUuid[tag.Uuid] = path; }
            }
        }
    }
}
