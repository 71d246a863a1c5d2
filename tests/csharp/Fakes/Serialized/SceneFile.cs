using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using UnityEngine.Rendering;

namespace UnityFakes
{
    /// <summary>Writes and reads scene files, with the assets that the scene uses.</summary>
    internal static class SceneFile
    {
        internal static void Write(string path, IEnumerable<GameObject> roots)
        {
            SceneBytes objects = new SceneBytes(true);
            byte[] tree = objects.Write(roots.Where(root => (root.hideFlags & HideFlags.DontSaveInEditor) == 0));
            using (BinaryWriter writer = new BinaryWriter(File.Create(path)))
            {
                writer.Write(objects.Referred.Count);
                foreach (Object referred in objects.Referred)
                {
                    writer.Write(UnityEditor.AssetDatabase.GetAssetPath(referred));
                    writer.Write(referred.name);
                    writer.Write(referred is Mesh);
                    if (referred is Mesh mesh) { mesh.Write(writer); }
                }
                writer.Write(tree.Length);
                writer.Write(tree);
            }
        }

        internal static void Read(string path)
        {
            using (BinaryReader reader = new BinaryReader(File.OpenRead(path)))
            {
                List<Object> referred = new List<Object>();
                for (int count = reader.ReadInt32(); count > 0; count--) { referred.Add(ReadReferred(reader)); }
                SceneBytes.Read(reader.ReadBytes(reader.ReadInt32()), referred, null);
            }
        }

        /// <summary>Reads an asset; returns the loaded one if it is still loaded.</summary>
        static Object ReadReferred(BinaryReader reader)
        {
            string asset = reader.ReadString();
            string name = reader.ReadString();
            Object made = reader.ReadBoolean() ? (Object)Mesh.Read(reader) : new Material();
            made.name = name;
            if (asset.Length == 0) { return made; }
            if (Engine.Assets.TryGetValue(asset, out Object known)) { return known; }
            Engine.Assets[asset] = made;
            Engine.Folders.Add(Path.GetDirectoryName(asset));
            return made;
        }
    }
}
