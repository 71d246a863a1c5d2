using System.Collections.Generic;
using UnityEditor;
using UnityEngine;
using VibeSync.Capabilities;

namespace VibeSync.Samples
{
    /// <summary>The handlers of the tools in <c>addon_ai.json</c>.</summary>
    public static class StairsMaker
    {
        [AiCommand("unity_stairs_maker", "build_stairs")]
        public static AiResult BuildStairs(AiArguments arguments)
        {
            IReadOnlyList<double> numbers = arguments.GetNumbers("step_size");
            Vector3 size = new Vector3((float)numbers[0], (float)numbers[1], (float)numbers[2]);
            GameObject stairs = new GameObject(arguments.GetText("name"));
            Undo.RegisterCreatedObjectUndo(stairs, "Build Stairs");
            if (arguments.Has("under"))
            {
                Undo.SetTransformParent(stairs.transform, arguments.GetTarget<GameObject>("under").transform, "Build Stairs");
            }
            long count = arguments.GetInteger("steps");
            for (int i = 0; i < count; i++)
            {
                GameObject step = GameObject.CreatePrimitive(PrimitiveType.Cube);
                step.name = "Step " + (i + 1);
                step.transform.localPosition = new Vector3(0, size.y * (i + 0.5f), size.z * i);
                step.transform.localScale = size;
                Undo.RegisterCreatedObjectUndo(step, "Build Stairs");
                Undo.SetTransformParent(step.transform, stairs.transform, "Build Stairs");
            }
            return AiResult.Success("Built stairs of " + count + " steps.",
                new Dictionary<string, object> { ["steps"] = count, ["height"] = size.y * count });
        }

        [AiCommand("unity_stairs_maker", "measure_object")]
        public static object MeasureObject(AiArguments arguments)
        {
            Transform target = arguments.GetTarget<GameObject>("target").transform;
            Vector3 position = target.localPosition;
            return new Dictionary<string, object>
            {
                ["name"] = arguments.GetText("target"),
                ["position"] = new[] { position.x, position.y, position.z },
                ["children"] = target.childCount,
            };
        }
    }
}
