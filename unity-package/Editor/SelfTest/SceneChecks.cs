using System.Collections;
using System.Collections.Generic;
using UnityEditor;
using UnityEditor.SceneManagement;
using UnityEngine;
using UnityEngine.SceneManagement;

namespace VibeSync.Editor.SelfTest
{
    /// <summary>Checks what a scene file keeps, overrides of prefabs, and the selection.</summary>
    public static class SceneChecks
    {
        public static IReadOnlyList<SelfCheck> All { get; } = new[]
        {
            new SelfCheck("selection: a child below a selected object counts", SelectChild),
            new SelfCheck("prefab: an override of a part is recorded", RecordOverride),
            new SelfCheck("scene: a hidden record is saved and loaded", SaveRecord),
        };

        static IEnumerator SelectChild(SelfCheckContext context)
        {
            GameObject parent = SelfCheckContext.Make("parent");
            GameObject child = SelfCheckContext.Make("child");
            child.transform.SetParent(parent.transform, false);
            Selection.objects = new Object[] { parent, child };
            yield return null;
            int all = Selection.gameObjects.Length;
            int top = Selection.transforms.Length;
            Selection.objects = new Object[0];
            context.See(all + " game objects, " + top + " transforms");
            context.Expect(all == 2, "a selected child is missing");
        }

        static IEnumerator RecordOverride(SelfCheckContext context)
        {
            GameObject root = SelfCheckContext.Make("prefab");
            GameObject part = SelfCheckContext.Make("part");
            part.transform.SetParent(root.transform, false);
            PrefabUtility.SaveAsPrefabAssetAndConnect(root, ScratchScene.Folder + "/part.prefab",
                InteractionMode.AutomatedAction);
            yield return null;
            context.Expect(PrefabUtility.IsPartOfPrefabInstance(part), "the part is not one of an instance");
            part.transform.localPosition = new Vector3(3, 0, 0);
            PrefabUtility.RecordPrefabInstancePropertyModifications(part.transform);
            yield return null;
            PropertyModification[] modifications = PrefabUtility.GetPropertyModifications(root);
            bool isRecorded = false;
            foreach (PropertyModification modification in modifications ?? new PropertyModification[0])
            {
                isRecorded |= modification.propertyPath == "m_LocalPosition.x" && modification.value == "3";
            }
            context.See((modifications?.Length ?? 0) + " modified properties");
            context.Expect(isRecorded, "the new position is not among the modifications");
        }

        static IEnumerator SaveRecord(SelfCheckContext context)
        {
            const string Path = ScratchScene.Folder + "/scratch.unity";
            const HideFlags Flags = HideFlags.HideInHierarchy | HideFlags.DontSaveInBuild;
            GameObject record = SelfCheckContext.Make("record");
            record.AddComponent<VibeSyncScene>();
            record.hideFlags = Flags;
            bool isSaved = EditorSceneManager.SaveScene(SceneManager.GetActiveScene(), Path);
            context.Expect(isSaved, "the scene was not saved");
            EditorSceneManager.OpenScene(Path, OpenSceneMode.Single);
            yield return null;
            GameObject loaded = SelfCheckContext.Find("record");
            context.Expect(loaded != null, "the hidden object is not in the file");
            context.See("flags " + loaded.hideFlags);
            context.Expect(loaded.GetComponent<VibeSyncScene>() != null, "its component is gone");
            context.Expect((loaded.hideFlags & Flags) == Flags, "its flags are lost");
        }
    }
}
