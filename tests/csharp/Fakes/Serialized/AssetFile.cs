using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEditor;
using UnityEngine;
using Object = UnityEngine.Object;

namespace UnityFakes
{
    /// <summary>
    /// A file with one main object and objects below it, each with a number that scenes refer to. It is loaded when
    /// somebody asks for it. With each import the main object is named by the file; other objects keep their names.
    /// </summary>
    internal sealed class AssetFile
    {
        static readonly Dictionary<string, AssetFile> Loaded = new Dictionary<string, AssetFile>();
        static readonly Dictionary<int, AssetFile> Files = new Dictionary<int, AssetFile>();

        readonly SortedDictionary<int, Object> objects = new SortedDictionary<int, Object>();
        int main = 1;

        internal AssetFile(string path)
        {
            Path = path;
            Loaded[path] = this;
        }

        internal string Path { get; private set; }

        internal string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

        internal IEnumerable<Object> Objects => objects.OrderBy(pair => pair.Key != main).Select(pair => pair.Value)
            .Where(item => !item.Destroyed);

        internal Object Main => objects.TryGetValue(main, out Object found) ? found : null;

        /// <summary>The object that becomes the main one with the next import, or null.</summary>
        internal Object NextMain { private get; set; }

        internal bool IsUnsaved => Objects.Any(item => EditorUtility.Unsaved.Contains(item.Id));

        internal static AssetFile Of(Object item) => Files.TryGetValue(item.Id, out AssetFile file) ? file : null;

        internal static string FullPath(string path) => System.IO.Path.Combine(Engine.ProjectFolder, path);

        /// <summary>Returns the file, or null if there is none.</summary>
        internal static AssetFile Load(string path)
        {
            if (Loaded.TryGetValue(path, out AssetFile known)) { return known; }
            if (!File.Exists(FullPath(path))) { return null; }
            AssetFile file = new AssetFile(path);
            file.Read();
            file.Settle();
            return file;
        }

        internal static AssetFile[] LoadedBelow(string folder) => Loaded.Values
            .Where(file => file.Path.StartsWith(folder + "/", StringComparison.Ordinal)).ToArray();

        /// <summary>Forgets all loaded objects, as the end of the process does. The files stay.</summary>
        internal static void UnloadAll()
        {
            foreach (AssetFile file in Loaded.Values)
            {
                foreach (Object item in file.Objects.ToArray()) { item.Destroy(); }
            }
            Loaded.Clear();
            Files.Clear();
            ImportSettings.UnloadAll();
        }

        internal int NumberOf(Object item) => objects.First(pair => ReferenceEquals(pair.Value, item)).Key;

        internal Object Find(int number) =>
            objects.TryGetValue(number, out Object found) && !found.Destroyed ? found : null;

        internal void Add(Object item) => Add(objects.Count == 0 ? 1 : objects.Keys.Last() + 1, item);

        /// <summary>Writes the objects as they are now, and imports the file.</summary>
        internal void Write()
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(FullPath(Path)));
            using (BinaryWriter writer = new BinaryWriter(File.Create(FullPath(Path))))
            {
                writer.Write(main);
                writer.Write(Objects.Count());
                foreach (Object item in Objects)
                {
                    writer.Write(NumberOf(item));
                    writer.Write(item.GetType().AssemblyQualifiedName);
                }
                foreach (Object item in Objects)
                {
                    writer.Write(NumberOf(item));
                    writer.Write(item.name);
                    if (item is Mesh mesh) { mesh.Write(writer); }
                    else if (item is Material material) { material.Write(writer, Faults.LosesTags); }
                    else if (item is AnimationClip clip) { clip.Write(writer); }
                    else if (item is ScriptableObject) { Fields.Write(writer, item, Refer); }
                    EditorUtility.Unsaved.Remove(item.Id);
                }
            }
            Settle();
        }

        internal void Import()
        {
            Read();
            if (NextMain != null)
            {
                // Unity keeps this number in the .meta file.
                main = NumberOf(NextMain);
                using (FileStream file = File.OpenWrite(FullPath(Path))) { file.Write(BitConverter.GetBytes(main), 0, 4); }
                NextMain = null;
            }
            Settle();
        }

        internal void Delete()
        {
            foreach (Object item in Objects.ToArray())
            {
                Files.Remove(item.Id);
                item.Destroy();
            }
            Loaded.Remove(Path);
            File.Delete(FullPath(Path));
            Guids.Forget(Path);
        }

        internal void Move(string path)
        {
            File.Move(FullPath(Path), FullPath(path));
            Guids.Move(Path, path);
            Loaded.Remove(Path);
            Path = path;
            Loaded[path] = this;
            Settle();
        }

        /// <summary>Returns the number of an object of this file; -1 for another one, which no test refers to.</summary>
        int Refer(Object item) => item is null || item.Destroyed || Of(item) != this ? -1 : NumberOf(item);

        void Add(int number, Object item)
        {
            objects.Add(number, item);
            Files.Add(item.Id, this);
        }

        /// <summary>Names the main object by the file, as each import does.</summary>
        void Settle()
        {
            if (Faults.RenamesSubAssets)
            {
                foreach (Object item in Objects) { item.name = Name; }
            }
            if (Pictures.IsPicture(Path)) { Main.name = Name; }
            if (Main == null || Main.Destroyed || Main.name == Name) { return; }
            Debug.LogWarning("Main Object Name '" + Main.name + "' does not match filename '" + Name + "'");
            Main.name = Name;
        }

        /// <summary>Reads the objects; those that are loaded stay the same objects.</summary>
        void Read()
        {
            if (Pictures.IsPicture(Path))
            {
                ReadPicture();
                return;
            }
            using (BinaryReader reader = new BinaryReader(File.OpenRead(FullPath(Path))))
            {
                main = reader.ReadInt32();
                int count = reader.ReadInt32();
                for (int i = 0; i < count; i++)
                {
                    int number = reader.ReadInt32();
                    Type type = Type.GetType(reader.ReadString(), true);
                    if (!objects.ContainsKey(number)) { Add(number, (Object)Activator.CreateInstance(type, true)); }
                }
                for (int i = 0; i < count; i++)
                {
                    Object item = objects[reader.ReadInt32()];
                    item.name = reader.ReadString();
                    if (item is Mesh mesh) { mesh.ReadFrom(reader); }
                    else if (item is Material material) { material.ReadFrom(reader); }
                    else if (item is AnimationClip clip) { clip.ReadFrom(reader); }
                    else if (item is ScriptableObject) { Fields.Read(reader, item, Find); }
                    EditorUtility.Unsaved.Remove(item.Id);
                }
            }
        }

        /// <summary>Makes the texture of a picture, with the settings of its importer. A file that Unity cannot read has another object.</summary>
        void ReadPicture()
        {
            if (!objects.TryGetValue(1, out Object item))
            {
                item = Pictures.IsReadable(Path) ? new Texture2D() : (Object)new DefaultAsset();
                Add(1, item);
            }
            item.name = Name;
            if (!(item is Texture2D texture)) { return; }
            TextureImporter importer = (TextureImporter)ImportSettings.Find(Path);
            (texture.wrapModeU, texture.wrapModeV, texture.filterMode) = (importer.wrapModeU, importer.wrapModeV, importer.filterMode);
        }
    }
}
