using System.Collections.Generic;
using UnityFakes;

namespace UnityEngine.SceneManagement
{
    /// <summary>The data of a scene, which its handles share.</summary>
    internal sealed class SceneData
    {
        internal readonly List<GameObject> Roots = new List<GameObject>();
        internal string Path = "";

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

        public bool isLoaded => data != null;

        public string path => data.Path;

        public GameObject[] GetRootGameObjects() => data.Roots.ToArray();
    }

    public class SceneManager
    {
        public static int sceneCount => 1;

        public static Scene GetSceneAt(int index) => new Scene(Engine.ActiveScene);

        public static Scene GetActiveScene() => new Scene(Engine.ActiveScene);
    }
}
