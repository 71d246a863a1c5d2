//! Blender's names of the node and socket types that this crate treats specially.

/// The node that offers the group's inputs as its outputs.
pub const GROUP_INPUT: &str = "NodeGroupInput";
/// The node that takes the group's outputs as its inputs.
pub const GROUP_OUTPUT: &str = "NodeGroupOutput";
/// A point that a link passes through.
pub const REROUTE: &str = "NodeReroute";
/// The socket type for meshes, curves, points, volumes and instances.
pub const GEOMETRY: &str = "NodeSocketGeometry";
/// The socket type for a choice among named items.
pub const MENU: &str = "NodeSocketMenu";

/// Returns whether an output and an input hold values of the same kind. A vector counts as a rotation, in Euler angles.
pub fn is_same_kind(output: &str, input: &str) -> bool {
    output == input || (output == "NodeSocketVector" && input == "NodeSocketRotation")
}
