//! Names of node types that do not exist, though people and agents write them, and the types that are meant.

/// A name that is no identifier, and the identifier that is meant. Names that differ in the prefix alone need none.
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
