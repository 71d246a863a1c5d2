//! Names that people and agents write for node types, but that no version of Blender has.

/// A wrong name and the correct identifier. Names that only have a wrong prefix need no alias: `lookup` finds them.
pub const ALIASES: &[(&str, &str)] = &[
    ("GeometryNodeTransformGeometry", "GeometryNodeTransform"),
    (
        "GeometryNodeDistributePoints",
        "GeometryNodeDistributePointsOnFaces",
    ),
    (
        "GeometryNodeInstancesOnPoints",
        "GeometryNodeInstanceOnPoints",
    ),
    (
        "GeometryNodePointsOnFaces",
        "GeometryNodeDistributePointsOnFaces",
    ),
    ("GeometryNodeNoiseTexture", "ShaderNodeTexNoise"),
    ("GeometryNodeVoronoiTexture", "ShaderNodeTexVoronoi"),
    ("GeometryNodeWaveTexture", "ShaderNodeTexWave"),
    ("GeometryNodeGradientTexture", "ShaderNodeTexGradient"),
    ("GeometryNodeColorRamp", "ShaderNodeValToRGB"),
    ("GeometryNodeRGBCurves", "ShaderNodeRGBCurve"),
    ("GeometryNodePosition", "GeometryNodeInputPosition"),
    ("GeometryNodeNormal", "GeometryNodeInputNormal"),
    ("GeometryNodeIndex", "GeometryNodeInputIndex"),
    ("GeometryNodeID", "GeometryNodeInputID"),
    ("GeometryNodeSceneTime", "GeometryNodeInputSceneTime"),
    (
        "GeometryNodeNamedAttribute",
        "GeometryNodeInputNamedAttribute",
    ),
    (
        "GeometryNodeAttributeCapture",
        "GeometryNodeCaptureAttribute",
    ),
    ("GeometryNodeCurveLine", "GeometryNodeCurvePrimitiveLine"),
    (
        "GeometryNodeCurveCircle",
        "GeometryNodeCurvePrimitiveCircle",
    ),
    ("GeometryNodeMeshSphere", "GeometryNodeMeshUVSphere"),
    ("GeometryNodeCube", "GeometryNodeMeshCube"),
    ("GeometryNodeCone", "GeometryNodeMeshCone"),
    ("GeometryNodeCylinder", "GeometryNodeMeshCylinder"),
    ("GeometryNodeGrid", "GeometryNodeMeshGrid"),
    ("FunctionNodeMapRangeVector", "ShaderNodeMapRange"),
    ("FunctionNodeInputValue", "ShaderNodeValue"),
    ("FunctionNodeInputFloat", "ShaderNodeValue"),
    ("ShaderNodeMixRGB", "ShaderNodeMix"),
    ("GeometryNodeRepeatZoneInput", "GeometryNodeRepeatInput"),
    ("GeometryNodeRepeatZoneOutput", "GeometryNodeRepeatOutput"),
    (
        "GeometryNodeSimulationZoneInput",
        "GeometryNodeSimulationInput",
    ),
    (
        "GeometryNodeSimulationZoneOutput",
        "GeometryNodeSimulationOutput",
    ),
];
