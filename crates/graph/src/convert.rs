//! Nodes that make of one type of socket another one, where Blender does not by itself.

use crate::catalogue::Catalogue;

/// A node that converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Converter {
    /// Its type.
    pub idname: &'static str,
    /// The inputs that the value is linked to.
    pub inputs: &'static [&'static str],
    /// The output that the result comes from.
    pub output: &'static str,
    /// What the new node is named after.
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

/// Numbers, alone or several together: types that differ in how many there are, and not in what they are about.
const NUMBERS: &[&str] = &[
    "NodeSocketBool",
    "NodeSocketColor",
    "NodeSocketFloat",
    "NodeSocketInt",
    "NodeSocketRotation",
    "NodeSocketVector",
];

/// The node that converts from one type to another where both are numbers: the first that this Blender has, that takes the
/// one and gives what can be linked to the other.
pub fn converter(catalogue: &Catalogue, from: &str, to: &str) -> Option<Converter> {
    let fits = |converter: &&Converter| {
        let Some(kind) = catalogue.get(converter.idname) else {
            return false;
        };
        let compat = &catalogue.compat;
        let taken = |name: &&str| {
            let input = kind.inputs.iter().find(|it| it.name == *name);
            input.is_some_and(|input| compat.allows(from, &input.idname))
        };
        let output = kind.outputs.iter().find(|it| it.name == converter.output);
        converter.inputs.iter().all(taken)
            && output.is_some_and(|output| compat.allows(&output.idname, to))
    };
    let numbers = NUMBERS.contains(&from) && NUMBERS.contains(&to);
    CONVERTERS.iter().filter(|_| numbers).find(fits).copied()
}
