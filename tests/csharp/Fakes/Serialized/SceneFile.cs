using System.Collections.Generic;
using System.IO;
using System.Linq;
using UnityEngine;
using UnityEngine.Rendering;

namespace UnityFakes
{
    /// <summary>Writes and reads scene files. They hold the scene's own meshes, and refer to assets.</summary>
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
                    string asset = UnityEditor.AssetDatabase.GetAssetPath(referred);
                    writer.Write(asset);
                    if (asset.Length > 0)
                    {
                        writer.Write(AssetFile.Of(referred)?.NumberOf(referred) ?? 0);
                        continue;
                    }
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

        /// <summary>Returns the object; null if its asset is gone.</summary>
        static Object ReadReferred(BinaryReader reader)
        {
            string asset = reader.ReadString();
            if (asset.Length > 0)
            {
                int number = reader.ReadInt32();
                if (asset == Engine.CubePath) { return Engine.GetBuiltInCube(); }
                return Engine.BuiltIn.TryGetValue(asset, out Object known) ? known : AssetFile.Load(asset)?.Find(number);
            }
            string name = reader.ReadString();
            Object made = reader.ReadBoolean() ? (Object)Mesh.Read(reader) : new Material(Shader.Find("Standard"));
            made.name = name;
            return made;
        }
    }
}
