//! Nodes that convert between number types, for pairs of types that Blender does not convert itself.

use crate::catalogue::Catalogue;

/// A node that converts a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converter {
    /// The node type.
    pub idname: &'static str,
    /// The inputs that get the value.
    pub inputs: &'static [&'static str],
    /// The output with the result.
    pub output: &'static str,
    /// The beginning of the id of the new node.
    pub name: &'static str,
}

const CONVERTERS: &[Converter] = &[
    Converter {
        idname: "FunctionNodeEulerToRotation",
        inputs: &["Euler"],
        output: "Rotation",
        name: "rotation",
    },
    Converter {
        idname: "ShaderNodeCombineXYZ",
        inputs: &["X", "Y", "Z"],
        output: "Vector",
        name: "combine",
    },
    Converter {
        idname: "ShaderNodeSeparateXYZ",
        inputs: &["Vector"],
        output: "X",
        name: "separate",
    },
];

/// Types that hold one number or several.
const NUMBER_TYPES: &[&str] = &[
    "NodeSocketBool",
    "NodeSocketColor",
    "NodeSocketFloat",
    "NodeSocketInt",
    "NodeSocketRotation",
    "NodeSocketVector",
];

/// Returns a node that converts between two number types. It is the first one in this version of Blender whose inputs
/// accept `from` and whose output can be linked to `to`.
pub fn find_converter(catalogue: &Catalogue, from: &str, to: &str) -> Option<Converter> {
    let converts = |converter: &&Converter| {
        let Some(node_type) = catalogue.get(converter.idname) else {
            return false;
        };
        let compat = &catalogue.compat;
        let accepts = |name: &&str| {
            let input = node_type.inputs.iter().find(|it| it.name == *name);
            input.is_some_and(|input| compat.allows(from, &input.idname))
        };
        let output = node_type
            .outputs
            .iter()
            .find(|it| it.name == converter.output);
        converter.inputs.iter().all(accepts)
            && output.is_some_and(|output| compat.allows(&output.idname, to))
    };
    if !NUMBER_TYPES.contains(&from) || !NUMBER_TYPES.contains(&to) {
        return None;
    }
    CONVERTERS.iter().find(converts).copied()
}
