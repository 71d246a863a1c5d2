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

        public static void ImportAsset(string path, ImportAssetOptions options) => AssetFile.Load(path)?.Import();

        public static bool IsMainAsset(Object obj) => ReferenceEquals(AssetFile.Of(obj)?.Main, obj);

        public static void SaveAssetIfDirty(Object obj)
        {
            AssetFile file = AssetFile.Of(obj);
            if (file != null && file.IsUnsaved) { file.Write(); }
        }

        public static bool DeleteAsset(string path)
        {
            if (path != "Assets" && IsValidFolder(path)) { return DeleteFolder(path); }
            AssetFile file = AssetFile.Load(path);
            if (file == null) { return false; }
            file.Delete();
            return true;
        }

        /// <summary>Copies the bytes of a file.</summary>
        public static bool CopyAsset(string path, string newPath)
        {
            if (!File.Exists(AssetFile.FullPath(path)) || AssetFile.Load(newPath) != null) { return false; }
            File.Copy(AssetFile.FullPath(path), AssetFile.FullPath(newPath));
            return true;
        }

        static bool DeleteFolder(string path)
        {
            foreach (AssetFile inside in AssetFile.LoadedBelow(path)) { inside.Delete(); }
            Directory.Delete(AssetFile.FullPath(path), true);
            return true;
        }

        public static bool MoveAssetToTrash(string path) => DeleteAsset(path);

        /// <summary>Returns the first object of the type: the main object, or one below it.</summary>
        public static T LoadAssetAtPath<T>(string assetPath) where T : Object =>
            AssetFile.Load(assetPath)?.Objects.OfType<T>().FirstOrDefault();

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
            for (int i = 1; AssetFile.Load(unique) != null; i++) { unique = stem + " " + i + ".asset"; }
            return unique;
        }

        /// <summary>Finds files by a part of their name, or materials by `t:Material`.</summary>
        public static string[] FindAssets(string filter, string[] searchInFolders)
        {
            List<string> found = new List<string>();
            foreach (string folder in searchInFolders.Select(AssetFile.FullPath).Where(Directory.Exists))
            {
                foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
                {
                    bool isFound = filter == "t:Material" ? file.EndsWith(".mat", StringComparison.Ordinal)
                        : Path.GetFileName(file).Contains(filter);
                    if (isFound) { found.Add(file.Substring(Engine.ProjectFolder.Length + 1).Replace('\\', '/')); }
                }
            }
            return found.ToArray();
        }

        /// <summary>The fakes use the path as the id of a file.</summary>
        public static string GUIDToAssetPath(string guid) => guid;

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
                Engine.BuiltIn[path] = found = new Material { name = path };
            }
            return (T)found;
        }
    }
}
