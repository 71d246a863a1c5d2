using System.Collections;
using System.Collections.Generic;
using UnityEditor;
using UnityEngine;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks that assets keep what was saved, under their names.</summary>
    public static class AssetChecks
    {
        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("asset: a saved mesh survives an import", SaveMesh),
            new SelfCheck("asset: a mesh below another object keeps its name", KeepSubAssetName),
            new SelfCheck("asset: a material keeps its override tag", SaveTag),
        };

        static IEnumerator SaveMesh(SelfCheckContext context)
        {
            const string Path = ScratchScene.Folder + "/mesh.asset";
            Mesh mesh = new Mesh { name = "mesh" };
            AssetDatabase.CreateAsset(mesh, Path);
            Mesh triangle = MeshChecks.MakeTriangle("mesh");
            EditorUtility.CopySerialized(triangle, mesh);
            Object.DestroyImmediate(triangle);
            EditorUtility.SetDirty(mesh);
            AssetDatabase.SaveAssetIfDirty(mesh);
            yield return null;
            AssetDatabase.ImportAsset(Path, ImportAssetOptions.ForceUpdate);
            yield return null;
            Mesh loaded = AssetDatabase.LoadAssetAtPath<Mesh>(Path);
            context.Expect(loaded != null, "the file has no mesh");
            context.See(loaded.vertexCount + " vertices");
            context.Expect(MeshChecks.IsTriangle(loaded), "the mesh is another one");
        }

        static IEnumerator SaveTag(SelfCheckContext context)
        {
            const string Path = ScratchScene.Folder + "/material.mat";
            const string Tag = "VibeSyncSelfTest";
            const string Text = "{\"name\":\"it's: a # {test}\",\"value\":0.1}";
            MaterialSupport support = MaterialSupport.Find();
            context.Expect(support != null, "materials are not synchronized in this render pipeline");
            Material material = new Material(Shader.Find(support.Shader.Name));
            AssetDatabase.CreateAsset(material, Path);
            material.SetOverrideTag(Tag, Text);
            EditorUtility.SetDirty(material);
            AssetDatabase.SaveAssetIfDirty(material);
            yield return null;
            // The file is read again, not the loaded material.
            AssetDatabase.CopyAsset(Path, ScratchScene.Folder + "/copy.mat");
            yield return null;
            Material copy = AssetDatabase.LoadAssetAtPath<Material>(ScratchScene.Folder + "/copy.mat");
            context.Expect(copy != null, "the file cannot be loaded");
            context.See("the tag is " + copy.GetTag(Tag, false, "not there"));
            context.Expect(copy.GetTag(Tag, false, "") == Text, "the tag is another one");
        }

        static IEnumerator KeepSubAssetName(SelfCheckContext context)
        {
            const string Path = ScratchScene.Folder + "/0123.asset";
            const string Name = "Chair: leg/1";
            Mesh main = MeshChecks.MakeTriangle("main");
            Mesh below = MeshChecks.MakeTriangle(Name);
            AssetDatabase.CreateAsset(main, Path);
            AssetDatabase.AddObjectToAsset(below, main);
            AssetDatabase.SaveAssetIfDirty(main);
            yield return null;
            AssetDatabase.ImportAsset(Path, ImportAssetOptions.ForceUpdate);
            yield return null;
            Object loaded = AssetDatabase.LoadMainAssetAtPath(Path);
            context.Expect(loaded != null, "the file has no main object");
            context.See("the main object is named " + loaded.name + ", the other one " + below.name);
            context.Expect(below.name == Name, "the name of the other object changed");
        }
    }
}
