//! Computes a layout: first sizes of frames from the inside out, then positions from the outside in.

use super::area::{Area, Layout};
use super::columns::columns;
use super::tree::LayoutTree;
use crate::model::Graph;
use crate::wiring::Wiring;

/// Between columns, in units of Blender's node editor.
const COLUMN_GAP: f64 = 60.0;
/// Between nodes of a column.
const ROW_GAP: f64 = 30.0;
/// Between the edge of a frame and its content.
const MARGIN: f64 = 40.0;
/// Height of the title of a frame.
const TITLE: f64 = 40.0;

/// Returns the graph with positions: its own if every node has one, else those of a layout.
#[must_use]
pub fn arrange(wiring: &Wiring) -> Graph {
    let mut graph = wiring.graph.clone();
    if graph.nodes.iter().all(|node| node.position.is_some()) {
        return graph;
    }
    for (node, area) in graph.nodes.iter_mut().zip(layout(wiring).nodes) {
        node.position = Some([area.x, area.y]);
    }
    graph
}

/// Computes new positions for all nodes and frames.
pub fn layout(wiring: &Wiring) -> Layout {
    let tree = LayoutTree::new(wiring);
    let mut areas: Vec<Area> = tree
        .sizes
        .iter()
        .map(|(width, height)| Area {
            width: *width,
            height: *height,
            ..Area::default()
        })
        .collect();
    // The size of a frame depends on the positions inside it.
    for container in tree.outermost_first.iter().rev() {
        let (width, height) = place_children(&tree, *container, &mut areas);
        if let Some(area) = areas.get_mut(*container) {
            (area.width, area.height) = (width, height);
        }
    }
    // Positions are relative to the container so far.
    for container in &tree.outermost_first {
        let Some(Area { x, y, .. }) = areas.get(*container).copied() else {
            continue;
        };
        for child in tree.children_of(*container) {
            if let Some(area) = areas.get_mut(*child) {
                area.x += x;
                area.y += y;
            }
        }
    }
    let frames = areas.split_off(tree.node_count.min(areas.len()));
    Layout {
        nodes: areas,
        frames: frames.into_iter().take(wiring.graph.frames.len()).collect(),
    }
}

/// Sets the positions of the children of a container, relative to its corner; returns the size of the container.
fn place_children(tree: &LayoutTree, container: usize, areas: &mut [Area]) -> (f64, f64) {
    let (margin, top) = match container == tree.root() {
        true => (0.0, 0.0),
        false => (MARGIN, -MARGIN - TITLE),
    };
    let (mut x, mut height) = (margin, 0.0_f64);
    for column in columns(tree.children_of(container), tree.links_in(container)) {
        let (mut y, mut width) = (top, 0.0_f64);
        for child in column {
            if let Some(area) = areas.get_mut(child) {
                (area.x, area.y) = (x, y);
                y -= area.height + ROW_GAP;
                width = width.max(area.width);
            }
        }
        height = height.max(-y - ROW_GAP);
        x += width + COLUMN_GAP;
    }
    ((x - COLUMN_GAP).max(0.0) + margin, height + margin)
}
