using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using UnityFakes;
using Object = UnityEngine.Object;

namespace UnityEditor
{
    /// <summary>
    /// Asset files in the project's folder. A file has the bytes of its last save; a new editor process reads those.
    /// </summary>
    public sealed class AssetDatabase
    {
        public static bool IsAssetImportWorkerProcess() => UnityFakes.Editor.IsImportWorker;

        /// <summary>Writes the file at once, and names the object by it.</summary>
        public static void CreateAsset(Object asset, string path)
        {
            string folder = path.Substring(0, path.LastIndexOf('/'));
            if (!IsValidFolder(folder)) { throw new ArgumentException("no such folder: " + folder); }
            if (Contains(asset)) { throw new ArgumentException("the object is in an asset file already"); }
            DeleteAsset(path);
            AssetFile file = new AssetFile(path);
            asset.name = file.Name;
            file.Add(asset);
            file.Write();
            Imports.Raise(imported: path);
        }

        /// <summary>Adds an object to a file in memory; the next save writes it.</summary>
        public static void AddObjectToAsset(Object objectToAdd, Object assetObject)
        {
            if (Contains(objectToAdd)) { throw new ArgumentException("the object is in an asset file already"); }
            AssetFile file = AssetFile.Of(assetObject) ?? throw new ArgumentException("no asset");
            file.Add(objectToAdd);
            EditorUtility.Unsaved.Add(objectToAdd.Id);
        }

        /// <summary>Takes effect with the next import of the file.</summary>
        public static void SetMainObject(Object mainObject, string assetPath) =>
            AssetFile.Load(assetPath).NextMain = mainObject;

        /// <summary>Reads the file again: changes that were not saved are lost.</summary>
        public static void ImportAsset(string path) => ImportAsset(path, ImportAssetOptions.Default);

        public static void ImportAsset(string path, ImportAssetOptions options)
        {
            if (Pictures.IsPicture(path) && !File.Exists(AssetFile.FullPath(path))) { return; }
            AssetFile.Load(path)?.Import();
            Imports.Raise(imported: path);
        }

        public static bool IsMainAsset(Object obj) => ReferenceEquals(AssetFile.Of(obj)?.Main, obj);

        public static void SaveAssetIfDirty(Object obj)
        {
            AssetFile file = AssetFile.Of(obj);
            if (file == null || !file.IsUnsaved) { return; }
            Imports.RaiseWillSave(GetAssetPath(obj));
            file.Write();
        }

        public static bool DeleteAsset(string path)
        {
            if (path != "Assets" && IsValidFolder(path)) { return DeleteFolder(path); }
            AssetFile file = AssetFile.Load(path);
            if (file == null) { return false; }
            file.Delete();
            Imports.Raise(deleted: path);
            return true;
        }

        /// <summary>Copies the bytes of a file.</summary>
        public static bool CopyAsset(string path, string newPath)
        {
            if (!File.Exists(AssetFile.FullPath(path)) || AssetFile.Load(newPath) != null) { return false; }
            File.Copy(AssetFile.FullPath(path), AssetFile.FullPath(newPath));
            Imports.Raise(imported: newPath);
            return true;
        }

        static bool DeleteFolder(string path)
        {
            foreach (AssetFile inside in AssetFile.LoadedBelow(path)) { inside.Delete(); }
            Directory.Delete(AssetFile.FullPath(path), true);
            Imports.Raise(deleted: path);
            return true;
        }

        public static bool MoveAssetToTrash(string path) => DeleteAsset(path);

        /// <summary>Returns the first object of the type: the main object, or one below it.</summary>
        public static T LoadAssetAtPath<T>(string assetPath) where T : Object =>
            typeof(T) == typeof(GameObject) ? PrefabAssets.Load(assetPath) as T
                : AssetFile.Load(assetPath)?.Objects.OfType<T>().FirstOrDefault();

        public static Object LoadMainAssetAtPath(string assetPath) => AssetFile.Load(assetPath)?.Main;

        public static bool Contains(Object obj) => GetAssetPath(obj).Length > 0;

        public static string GetAssetPath(Object assetObject)
        {
            if (assetObject is null) { return ""; }
            string builtIn = Engine.BuiltIn.FirstOrDefault(asset => ReferenceEquals(asset.Value, assetObject)).Key;
            return builtIn ?? AssetFile.Of(assetObject)?.Path ?? "";
        }

        public static string GenerateUniqueAssetPath(string path)
        {
            string stem = path.Substring(0, path.LastIndexOf('.'));
            string unique = path;
            for (int i = 1; AssetFile.Load(unique) != null; i++) { unique = stem + " " + i + path.Substring(stem.Length); }
            return unique;
        }

        /// <summary>Saves the settings of an importer, without an import.</summary>
        public static bool WriteImportSettingsIfDirty(string path)
        {
            AssetImporter importer = AssetImporter.GetAtPath(path);
            if (importer != null) { ImportSettings.Save(importer); }
            return importer != null;
        }

        /// <summary>Finds files by a part of their name, materials by `t:Material`, textures by `t:Texture2D`, or others by their type.</summary>
        public static string[] FindAssets(string filter, string[] searchInFolders)
        {
            List<string> found = new List<string>();
            foreach (string folder in searchInFolders.Select(AssetFile.FullPath).Where(Directory.Exists))
            {
                foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
                {
                    bool isFound = filter == "t:Material" ? file.EndsWith(".mat", StringComparison.Ordinal)
                        : filter == "t:Texture2D" ? Pictures.IsReadable(file)
                        : filter.StartsWith("t:", StringComparison.Ordinal) ? IsOfType(file, filter.Substring(2))
                        : Path.GetFileName(file).Contains(filter);
                    string asset = file.Substring(Engine.ProjectFolder.Length + 1).Replace('\\', '/');
                    if (isFound && !asset.EndsWith(".meta", StringComparison.Ordinal)) { found.Add(AssetPathToGUID(asset)); }
                }
            }
            return found.ToArray();
        }

        static bool IsOfType(string file, string type) => file.EndsWith(".asset", StringComparison.Ordinal)
            && LoadMainAssetAtPath(file.Substring(Engine.ProjectFolder.Length + 1).Replace('\\', '/'))?.GetType().Name == type;

        public static string GUIDToAssetPath(string guid) => Guids.ToPath(guid);

        public static string AssetPathToGUID(string path) =>
            File.Exists(AssetFile.FullPath(path)) ? Guids.Of(path) : "";

        /// <summary>Returns false for an object without a file. The number of a material in a file of its own is fixed.</summary>
        public static bool TryGetGUIDAndLocalFileIdentifier(Object obj, out string guid, out long localId)
        {
            string prefab = PrefabAssets.FindFile(obj);
            if (prefab != null)
            {
                (guid, localId) = (Guids.OfPrefab(prefab), obj.Id);
                return true;
            }
            AssetFile file = AssetFile.Of(obj);
            guid = file == null ? "" : Guids.Of(file.Path);
            bool isMaterialFile = file != null && file.Path.EndsWith(".mat", StringComparison.Ordinal);
            localId = file == null ? 0 : isMaterialFile ? 2100000 : file.NumberOf(obj);
            return file != null;
        }

        public static Object[] LoadAllAssetsAtPath(string assetPath) =>
            AssetFile.Load(assetPath)?.Objects.ToArray() ?? new Object[0];

        /// <summary>Moves a file with its id; returns an empty text, or why it cannot be moved.</summary>
        public static string MoveAsset(string oldPath, string newPath)
        {
            AssetFile file = AssetFile.Load(oldPath);
            if (file == null || AssetFile.Load(newPath) != null) { return "cannot be moved"; }
            file.Move(newPath);
            Imports.Raise(moved: newPath, movedFrom: oldPath);
            return "";
        }

        public static bool IsValidFolder(string path) =>
            path == "Assets" || Directory.Exists(AssetFile.FullPath(path));

        public static string CreateFolder(string parentFolder, string newFolderName)
        {
            Directory.CreateDirectory(AssetFile.FullPath(parentFolder + "/" + newFolderName));
            return "0123456789abcdef0123456789abcdef";
        }

        public static T GetBuiltinExtraResource<T>(string path) where T : Object
        {
            if (!Engine.BuiltIn.TryGetValue(path, out Object found))
            {
                Engine.BuiltIn[path] = found = new Material(Shader.Find("Standard")) { name = path };
            }
            return (T)found;
        }
    }
}
