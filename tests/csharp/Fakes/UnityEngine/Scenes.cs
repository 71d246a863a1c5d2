using System.Collections.Generic;
using UnityFakes;

namespace UnityEngine.SceneManagement
{
    /// <summary>The data of a scene, which its handles share.</summary>
    internal sealed class SceneData
    {
        internal readonly List<GameObject> Roots = new List<GameObject>();
        internal string Path = "";

        /// <summary>Whether the objects are those of a prefab asset.</summary>
        internal bool IsAsset;

        /// <summary>Whether it changed since it was opened or saved.</summary>
        internal bool IsDirty;

        internal void Destroy()
        {
            foreach (GameObject root in Roots.ToArray()) { root.Destroy(); }
        }
    }

    public struct Scene
    {
        readonly SceneData data;

        internal Scene(SceneData data)
        {
            this.data = data;
        }

        public bool isLoaded => data != null && !data.IsAsset;

        public string path => data.Path;

        public bool isDirty => data.IsDirty;

        internal SceneData Data => data;

        public GameObject[] GetRootGameObjects() => data.Roots.ToArray();
    }

    public class SceneManager
    {
        public static int sceneCount => 1 + Engine.OtherScenes.Count;

        public static Scene GetSceneAt(int index) =>
            new Scene(index == 0 ? Engine.ActiveScene : Engine.OtherScenes[index - 1]);

        public static Scene GetActiveScene() => new Scene(Engine.ActiveScene);

        public static void MoveGameObjectToScene(GameObject go, Scene scene)
        {
            if (go.transform.parent != null) { throw new System.ArgumentException("not a root"); }
            go.Home.Roots.Remove(go);
            go.Home = scene.Data;
            go.Home.Roots.Add(go);
        }
    }
}
