using System.Collections.Generic;
using UnityEditor;
using VibeSync.Core.Scene;

namespace VibeSync.Editor
{
    /// <summary>Keeps the vertex groups of meshes as they were received, beside the identity of the mesh.</summary>
    public sealed class WeightStore
    {
        readonly Dictionary<string, (string Text, WeightsComponent Weights)> read =
            new Dictionary<string, (string, WeightsComponent)>();

        /// <summary>Returns the vertex groups of a mesh.</summary>
        public WeightsComponent Read(MeshIdentity mesh)
        {
            if (mesh.Weights.Length == 0) { return WeightsComponent.None; }
            bool isKnown = read.TryGetValue(mesh.Uuid, out (string Text, WeightsComponent Weights) known);
            // The same text object in almost every case.
            if (isKnown && known.Text == mesh.Weights) { return known.Weights; }
            WeightsComponent weights = WeightsComponent.FromText(mesh.Weights);
            read[mesh.Uuid] = (mesh.Weights, weights);
            return weights;
        }

        public void Write(MeshIdentity mesh, WeightsComponent weights)
        {
            mesh.Weights = weights.ToText();
            read.Remove(mesh.Uuid);
            EditorUtility.SetDirty(MeshRecords.GetSceneRecord(true));
        }
    }
}
