//! Words that people search for and Blender does not use.

/// A search term, and the node types for it.
pub const KEYWORDS: &[(&str, &[&str])] = &[
    (
        "scatter",
        &[
            "GeometryNodeDistributePointsOnFaces",
            "GeometryNodeInstanceOnPoints",
        ],
    ),
    ("flip normals", &["GeometryNodeFlipFaces"]),
    (
        "copy",
        &[
            "GeometryNodeInstanceOnPoints",
            "GeometryNodeDuplicateElements",
        ],
    ),
    (
        "duplicate",
        &[
            "GeometryNodeDuplicateElements",
            "GeometryNodeInstanceOnPoints",
        ],
    ),
    (
        "move",
        &[
            "GeometryNodeSetPosition",
            "GeometryNodeTransform",
            "GeometryNodeTranslateInstances",
        ],
    ),
    (
        "merge",
        &["GeometryNodeMergeByDistance", "GeometryNodeJoinGeometry"],
    ),
    ("combine geometry", &["GeometryNodeJoinGeometry"]),
    (
        "loop",
        &["GeometryNodeRepeatInput", "GeometryNodeRepeatOutput"],
    ),
    (
        "state",
        &[
            "GeometryNodeSimulationInput",
            "GeometryNodeSimulationOutput",
        ],
    ),
    ("if", &["GeometryNodeSwitch", "GeometryNodeIndexSwitch"]),
    ("condition", &["GeometryNodeSwitch", "FunctionNodeCompare"]),
    ("random", &["FunctionNodeRandomValue"]),
    ("noise", &["ShaderNodeTexNoise"]),
    ("add", &["ShaderNodeMath", "ShaderNodeVectorMath"]),
    ("multiply", &["ShaderNodeMath", "ShaderNodeVectorMath"]),
    ("plane", &["GeometryNodeMeshGrid"]),
    (
        "sphere",
        &["GeometryNodeMeshUVSphere", "GeometryNodeMeshIcoSphere"],
    ),
    ("tube", &["GeometryNodeCurveToMesh"]),
    ("sweep", &["GeometryNodeCurveToMesh"]),
    (
        "smooth",
        &[
            "GeometryNodeSetShadeSmooth",
            "GeometryNodeSubdivisionSurface",
        ],
    ),
];
