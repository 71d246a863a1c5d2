//! The role of a node, which decides about the color of its frame.

use crate::idnames::{GROUP_INPUT, GROUP_OUTPUT};

/// The purpose of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Sources of values and geometry.
    Inputs,
    /// Nodes that change geometry.
    Transforms,
    /// Nodes that use or store results.
    Outputs,
    /// Nodes that compute values.
    Math,
}

impl Role {
    /// All roles, in the order of suggested frames.
    pub const ALL: &[Role] = &[Role::Inputs, Role::Transforms, Role::Outputs, Role::Math];

    /// Returns the name.
    pub fn name(self) -> &'static str {
        match self {
            Role::Inputs => "inputs",
            Role::Transforms => "transforms",
            Role::Outputs => "outputs",
            Role::Math => "math",
        }
    }

    /// Returns red, green, blue and alpha, from 0 to 1: blue, green, orange or purple.
    pub fn color(self) -> [f64; 4] {
        match self {
            Role::Inputs => [0.2, 0.4, 0.8, 1.0],
            Role::Transforms => [0.2, 0.6, 0.3, 1.0],
            Role::Outputs => [0.85, 0.5, 0.15, 1.0],
            Role::Math => [0.5, 0.3, 0.7, 1.0],
        }
    }

    /// Returns the role of a node type.
    pub fn for_type(idname: &str) -> Self {
        if is_input(idname) {
            Role::Inputs
        } else if is_output(idname) {
            Role::Outputs
        } else if idname.starts_with("GeometryNode") {
            Role::Transforms
        } else {
            Role::Math
        }
    }
}

fn is_input(idname: &str) -> bool {
    const TYPES: &[&str] = &[
        GROUP_INPUT,
        "ShaderNodeValue",
        "ShaderNodeRGB",
        "GeometryNodeMeshCircle",
        "GeometryNodeMeshCone",
        "GeometryNodeMeshCube",
        "GeometryNodeMeshCylinder",
        "GeometryNodeMeshGrid",
        "GeometryNodeMeshIcoSphere",
        "GeometryNodeMeshLine",
        "GeometryNodeMeshUVSphere",
        "GeometryNodeCurveArc",
        "GeometryNodeCurveSpiral",
        "GeometryNodeCurveStar",
        "GeometryNodeCurveQuadraticBezier",
        "GeometryNodeVolumeCube",
        "GeometryNodePoints",
    ];
    const PREFIXES: &[&str] = &[
        "GeometryNodeInput",
        "FunctionNodeInput",
        "GeometryNodeCurvePrimitive",
        "GeometryNodeGridPrimitive",
    ];
    const QUERY_PREFIXES: &[&str] = &[
        "Tool",
        "Self",
        "Is",
        "Object",
        "Collection",
        "Camera",
        "Image",
    ];
    const QUERY_SUFFIXES: &[&str] = &["Info", "Object", "Camera", "Viewport"];
    // Nodes that read the scene, as `GeometryNodeObjectInfo`.
    let is_query = |rest: &str| {
        let mut rests = QUERY_PREFIXES.iter().filter_map(|it| rest.strip_prefix(it));
        rests.any(|rest| QUERY_SUFFIXES.iter().any(|it| rest.ends_with(it)))
    };
    TYPES.contains(&idname)
        || PREFIXES.iter().any(|prefix| idname.starts_with(prefix))
        || idname.strip_prefix("GeometryNode").is_some_and(is_query)
}

fn is_output(idname: &str) -> bool {
    const TYPES: &[&str] = &[
        GROUP_OUTPUT,
        "GeometryNodeViewer",
        "GeometryNodeWarning",
        "GeometryNodeSetShadeSmooth",
        "GeometryNodeSetID",
    ];
    const PREFIXES: &[&str] = &["GeometryNodeSetMaterial", "GeometryNodeStoreNamed"];
    TYPES.contains(&idname) || PREFIXES.iter().any(|prefix| idname.starts_with(prefix))
}
