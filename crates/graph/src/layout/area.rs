//! The areas of nodes and frames in Blender's node editor.

use crate::idnames::REROUTE;
use crate::wiring::ResolvedNode;

/// Width of a node, in units of Blender's node editor.
const WIDTH: f64 = 160.0;
/// Height of the title of a node.
const HEADER: f64 = 30.0;
/// Height of a socket or a property.
const ROW: f64 = 22.0;
/// Height below the last row.
const FOOT: f64 = 10.0;
/// Most properties with a row of their own; nodes with more fold them.
const MAX_PROPERTY_ROWS: usize = 4;
/// Width and height of a reroute.
const REROUTE_SIZE: f64 = 20.0;

/// A rectangle. Its y axis points upward.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height, downward from `y`.
    pub height: f64,
}

/// The areas of all nodes and frames.
#[derive(Debug)]
pub struct Layout {
    /// The area of each node, in the order of the graph.
    pub nodes: Vec<Area>,
    /// The area of each frame, in the order of the graph.
    pub frames: Vec<Area>,
}

/// Returns width and height of a node, about as Blender draws it.
pub(super) fn node_size(node: &ResolvedNode) -> (f64, f64) {
    if node.has_type(REROUTE) {
        return (REROUTE_SIZE, REROUTE_SIZE);
    }
    let properties = node.node_type.map_or(0, |it| it.properties.len());
    let rows = node.inputs.len() + node.outputs.len() + properties.min(MAX_PROPERTY_ROWS);
    #[allow(clippy::cast_precision_loss, reason = "a few hundred rows")]
    let rows = rows as f64;
    (WIDTH, HEADER + ROW * rows + FOOT)
}
