//! Places for nodes: columns from left to right along the links, nothing on top of anything, each frame a block of its
//! own. The same graph, the same places.

use std::collections::HashMap;

use crate::model::Graph;
use crate::order::Edges;
use crate::wiring::{REROUTE, Wiring};

/// Units of Blender's node editor.
const COLUMN_GAP: f64 = 60.0;
const ROW_GAP: f64 = 30.0;
/// Around what is in a frame.
const MARGIN: f64 = 40.0;
/// Of a frame.
const TITLE: f64 = 40.0;
/// As Blender draws nodes: how wide, and how high header, a row and the rest are.
const WIDTH: f64 = 160.0;
const HEADER: f64 = 30.0;
const ROW: f64 = 22.0;
const FOOT: f64 = 10.0;
/// Properties that are drawn as rows; nodes with more fold them.
const PROPERTIES: usize = 4;
/// How often columns are put in order after their neighbors.
const SWEEPS: usize = 4;

/// A rectangle: left and upper edge, y upward; width and height.
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

/// Where everything is.
#[derive(Debug)]
pub struct Layout {
    /// For each node, in the order of the graph.
    pub nodes: Vec<Area>,
    /// For each frame, in the order of the graph.
    pub frames: Vec<Area>,
}

/// A graph whose nodes have positions: those that it says where every node has one, else those of a layout.
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

/// Places all nodes and frames anew.
pub fn layout(wiring: &Wiring) -> Layout {
    let parts = Parts::of(wiring);
    let mut areas: Vec<Area> = parts
        .sizes
        .iter()
        .map(|(width, height)| Area {
            width: *width,
            height: *height,
            ..Area::default()
        })
        .collect();
    // From the inside out: how large a frame is, is known once what is in it has places.
    for home in parts.inward.iter().rev() {
        let (width, height) = parts.place(*home, &mut areas);
        if let Some(area) = areas.get_mut(*home) {
            (area.width, area.height) = (width, height);
        }
    }
    // From the outside in: places were counted from the corner of the frame.
    for home in &parts.inward {
        let Some(Area { x, y, .. }) = areas.get(*home).copied() else {
            continue;
        };
        for part in parts.inside.get(*home).into_iter().flatten() {
            if let Some(area) = areas.get_mut(*part) {
                area.x += x;
                area.y += y;
            }
        }
    }
    let frames = areas.split_off(parts.nodes.min(areas.len()));
    Layout {
        nodes: areas,
        frames: frames.into_iter().take(wiring.graph.frames.len()).collect(),
    }
}

/// Nodes, then frames, then the whole, by number.
struct Parts {
    nodes: usize,
    sizes: Vec<(f64, f64)>,
    /// For each frame, and the whole, what is right in it.
    inside: Vec<Vec<usize>>,
    /// What each is in.
    home: Vec<usize>,
    /// The whole and all frames, each before those in it.
    inward: Vec<usize>,
    /// For each frame, and the whole, the links between what is right in it.
    between: Vec<Vec<(usize, usize)>>,
}

impl Parts {
    fn of(wiring: &Wiring) -> Self {
        let graph = wiring.graph;
        let nodes = graph.nodes.len();
        let whole = nodes + graph.frames.len();
        let numbered = || {
            graph
                .frames
                .iter()
                .enumerate()
                .map(|(at, frame)| (nodes + at, frame))
        };
        let frames: HashMap<&str, usize> = numbered()
            .map(|(number, frame)| (frame.id.as_str(), number))
            .collect();
        let mut home = vec![whole; whole + 1];
        for (number, frame) in numbered() {
            let parent = frame.parent.as_deref().and_then(|id| frames.get(id));
            let members = frame.nodes.iter().filter_map(|id| wiring.place(id));
            for (part, of) in members
                .map(|node| (node, number))
                .chain(parent.map(|parent| (number, *parent)))
            {
                if let Some(home) = home.get_mut(part) {
                    *home = of;
                }
            }
        }
        let mut sizes: Vec<(f64, f64)> = wiring.shapes.iter().map(size).collect();
        sizes.resize(whole + 1, (0.0, 0.0));
        let mut parts = Self {
            nodes,
            sizes,
            inside: vec![Vec::new(); whole + 1],
            home,
            inward: Vec::new(),
            between: vec![Vec::new(); whole + 1],
        };
        parts.nest(whole);
        for link in &graph.links {
            let ends = wiring
                .place(&link.from.node)
                .zip(wiring.place(&link.to.node));
            if let Some((home, link)) = ends.and_then(|(from, to)| parts.meeting(from, to))
                && let Some(between) = parts.between.get_mut(home)
            {
                between.push(link);
            }
        }
        parts
    }

    /// Finds what is in what. Frames that lie in themselves are taken out of it.
    fn nest(&mut self, whole: usize) {
        let mut edges = Edges::new(whole + 1);
        for (part, home) in self
            .home
            .iter()
            .enumerate()
            .filter(|(part, _)| *part != whole)
        {
            edges.add(*home, part);
        }
        let reached = edges.reached(whole, None);
        for part in 0..whole {
            let inside = reached.get(part).copied().unwrap_or_default();
            if let Some(home) = self.home.get_mut(part) {
                *home = if inside { *home } else { whole };
                if let Some(inside) = self.inside.get_mut(*home) {
                    inside.push(part);
                }
            }
        }
        let mut open = vec![whole];
        while let Some(home) = open.pop() {
            self.inward.push(home);
            let inside = self.inside.get(home).into_iter().flatten();
            open.extend(inside.filter(|part| **part >= self.nodes));
        }
    }

    /// Places what is right in a frame, counted from the frame's corner, and says how large the frame is.
    fn place(&self, home: usize, areas: &mut [Area]) -> (f64, f64) {
        let whole = self.sizes.len().saturating_sub(1);
        let (margin, top) = match home == whole {
            true => (0.0, 0.0),
            false => (MARGIN, -MARGIN - TITLE),
        };
        let (mut x, mut height) = (margin, 0.0_f64);
        for column in self.columns(home) {
            let (mut y, mut width) = (top, 0.0_f64);
            for part in column {
                if let Some(area) = areas.get_mut(part) {
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

    /// The parts of a frame in columns: each right of what leads to it, beside what it is linked to.
    fn columns(&self, home: usize) -> Vec<Vec<usize>> {
        let members = self.inside.get(home).map(Vec::as_slice).unwrap_or_default();
        let index: HashMap<usize, usize> = members
            .iter()
            .enumerate()
            .map(|(at, part)| (*part, at))
            .collect();
        let mut edges = Edges::new(members.len());
        let mut back = Edges::new(members.len());
        for (from, to) in self.between.get(home).into_iter().flatten() {
            if let (Some(from), Some(to)) = (index.get(from), index.get(to)) {
                edges.add(*from, *to);
                back.add(*to, *from);
            }
        }
        let mut columns = ranks(&edges);
        sort(&mut columns, &edges, &back);
        let part = |at: usize| members.get(at).copied();
        let parts = |column: Vec<usize>| column.into_iter().filter_map(part).collect();
        columns.into_iter().map(parts).collect()
    }

    /// The frame, or the whole, that both ends of a link are in, and which of its parts each end is in.
    fn meeting(&self, from: usize, to: usize) -> Option<(usize, (usize, usize))> {
        let above: HashMap<usize, usize> =
            self.upward(from).map(|(part, home)| (home, part)).collect();
        let mut steps = self.upward(to);
        let (other, home) = steps.find(|(_, home)| above.contains_key(home))?;
        let part = *above.get(&home)?;
        (part != other).then_some((home, (part, other)))
    }

    /// A node, or a frame that holds it, and what that is in; up to the whole.
    fn upward(&self, node: usize) -> impl Iterator<Item = (usize, usize)> {
        let whole = self.sizes.len().saturating_sub(1);
        let home = move |part: usize| self.home.get(part).copied().filter(|_| part != whole);
        std::iter::successors(home(node).map(|above| (node, above)), move |(_, part)| {
            home(*part).map(|above| (*part, above))
        })
    }
}

fn size(shape: &crate::wiring::Shape) -> (f64, f64) {
    if shape.is(REROUTE) {
        return (20.0, 20.0);
    }
    let properties = shape.kind.map_or(0, |kind| kind.properties.len());
    let rows = shape.inputs.len() + shape.outputs.len() + properties.min(PROPERTIES);
    #[allow(clippy::cast_precision_loss, reason = "some hundred rows")]
    let rows = rows as f64;
    (WIDTH, HEADER + ROW * rows + FOOT)
}

/// Each one column right of the rightmost that leads to it; those in a circle side by side, as one leads to the other.
fn ranks(edges: &Edges) -> Vec<Vec<usize>> {
    let mut rank = vec![0_usize; edges.0.len()];
    let mut done = vec![false; edges.0.len()];
    for component in edges.components() {
        let first = component.iter().filter_map(|node| rank.get(*node)).max();
        let first = first.copied().unwrap_or_default();
        for (step, node) in component.iter().enumerate() {
            if let (Some(rank), Some(done)) = (rank.get_mut(*node), done.get_mut(*node)) {
                (*rank, *done) = (first + step, true);
            }
        }
        for next in component.iter().flat_map(|node| edges.after(*node)) {
            if let (Some(rank), Some(false)) = (rank.get_mut(*next), done.get(*next)) {
                *rank = (*rank).max(first + component.len());
            }
        }
    }
    let mut columns: Vec<Vec<usize>> =
        vec![Vec::new(); rank.iter().max().map_or(0, |most| most + 1)];
    for (node, rank) in rank.into_iter().enumerate() {
        if let Some(column) = columns.get_mut(rank) {
            column.push(node);
        }
    }
    columns.retain(|column| !column.is_empty());
    columns
}

/// Orders each column by where its links come from, or lead to, on average, so that few of them cross.
fn sort(columns: &mut [Vec<usize>], edges: &Edges, back: &Edges) {
    for sweep in 0..SWEEPS {
        let forward = sweep % 2 == 0;
        let numbered = columns.iter().flat_map(|column| column.iter().enumerate());
        let mut row: HashMap<usize, usize> = numbered.map(|(row, node)| (*node, row)).collect();
        let count = columns.len();
        for step in 0..count {
            let at = if forward { step } else { count - 1 - step };
            let Some(column) = columns.get_mut(at) else {
                continue;
            };
            let neighbors = if forward { back } else { edges };
            let mean = |node: usize| {
                let near = neighbors.after(node);
                let near = if near.is_empty() {
                    std::slice::from_ref(&node)
                } else {
                    near
                };
                let rows: usize = near.iter().filter_map(|node| row.get(node)).sum();
                #[allow(clippy::cast_precision_loss, reason = "some thousand rows")]
                let mean = rows as f64 / near.len() as f64;
                mean
            };
            let mut means: Vec<(f64, usize)> =
                column.iter().map(|node| (mean(*node), *node)).collect();
            means.sort_by(|(one, _), (other, _)| one.total_cmp(other));
            *column = means.into_iter().map(|(_, node)| node).collect();
            row.extend(column.iter().enumerate().map(|(row, node)| (*node, row)));
        }
    }
}
