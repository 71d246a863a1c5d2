//! The tree of frames and nodes, and the links between the children of each frame.

use std::collections::HashMap;

use super::area::node_size;
use crate::digraph::Digraph;
use crate::wiring::Wiring;

/// All nodes, all frames and the root, numbered in this order. A frame or the root is a container.
pub(super) struct LayoutTree {
    pub node_count: usize,
    /// Width and height of each node; zero for containers.
    pub sizes: Vec<(f64, f64)>,
    /// All containers, each before those inside it.
    pub outermost_first: Vec<usize>,
    /// For each container: the nodes and frames directly inside it.
    children: Vec<Vec<usize>>,
    /// For each node and frame: the container around it.
    container: Vec<usize>,
    /// For each container: the links between its children.
    links: Vec<Vec<(usize, usize)>>,
}

impl LayoutTree {
    pub(super) fn new(wiring: &Wiring) -> Self {
        let graph = wiring.graph;
        let node_count = graph.nodes.len();
        let root = node_count + graph.frames.len();
        let mut sizes: Vec<(f64, f64)> = wiring.resolved.iter().map(node_size).collect();
        sizes.resize(root + 1, (0.0, 0.0));
        let mut tree = Self {
            node_count,
            sizes,
            outermost_first: Vec::new(),
            children: vec![Vec::new(); root + 1],
            container: containers(wiring, node_count, root),
            links: vec![Vec::new(); root + 1],
        };
        tree.collect_children();
        for link in &graph.links {
            let from = wiring.node_index(&link.from.node);
            let ends = from.zip(wiring.node_index(&link.to.node));
            if let Some((container, link)) = ends.and_then(|(from, to)| tree.lift(from, to))
                && let Some(links) = tree.links.get_mut(container)
            {
                links.push(link);
            }
        }
        tree
    }

    /// Returns the number of the root.
    pub(super) fn root(&self) -> usize {
        self.sizes.len().saturating_sub(1)
    }

    /// Returns the nodes and frames directly inside a container.
    pub(super) fn children_of(&self, container: usize) -> &[usize] {
        self.children.get(container).map_or(&[], Vec::as_slice)
    }

    /// Returns the links between the children of a container.
    pub(super) fn links_in(&self, container: usize) -> &[(usize, usize)] {
        self.links.get(container).map_or(&[], Vec::as_slice)
    }

    /// Fills `children` and `outermost_first`. Moves frames that are inside themselves to the root.
    fn collect_children(&mut self) {
        let root = self.root();
        let mut edges = Digraph::new(root + 1);
        for (child, container) in self.container.iter().enumerate().take(root) {
            edges.add(*container, child);
        }
        let reachable = edges.reachable(root, None);
        for child in 0..root {
            let is_in_root = reachable.get(child).copied().unwrap_or_default();
            if let Some(container) = self.container.get_mut(child) {
                *container = if is_in_root { *container } else { root };
                if let Some(children) = self.children.get_mut(*container) {
                    children.push(child);
                }
            }
        }
        let mut open = vec![root];
        while let Some(container) = open.pop() {
            self.outermost_first.push(container);
            let children = self.children.get(container).into_iter().flatten();
            open.extend(children.filter(|child| **child >= self.node_count));
        }
    }

    /// Lifts a link between nodes to their innermost common container: returns the container, and its two children
    /// that hold the nodes. `None` if both nodes are in the same child.
    fn lift(&self, from: usize, to: usize) -> Option<(usize, (usize, usize))> {
        let above: HashMap<usize, usize> = self
            .ancestors(from)
            .map(|(child, container)| (container, child))
            .collect();
        let mut steps = self.ancestors(to);
        let (to_child, container) = steps.find(|(_, container)| above.contains_key(container))?;
        let from_child = *above.get(&container)?;
        (from_child != to_child).then_some((container, (from_child, to_child)))
    }

    /// Returns pairs of child and container, from a node up to the root.
    fn ancestors(&self, node: usize) -> impl Iterator<Item = (usize, usize)> {
        let root = self.root();
        let container_of =
            move |child: usize| self.container.get(child).copied().filter(|_| child != root);
        let first = container_of(node).map(|container| (node, container));
        std::iter::successors(first, move |(_, child)| {
            container_of(*child).map(|container| (*child, container))
        })
    }
}

/// Returns the container around each node and frame, by number.
fn containers(wiring: &Wiring, node_count: usize, root: usize) -> Vec<usize> {
    let frames = &wiring.graph.frames;
    let numbered = || (node_count..).zip(frames);
    let number_of: HashMap<&str, usize> = numbered()
        .map(|(number, frame)| (frame.id.as_str(), number))
        .collect();
    let mut containers = vec![root; root + 1];
    for (number, frame) in numbered() {
        let members = frame.nodes.iter().filter_map(|id| wiring.node_index(id));
        let parent = frame.parent.as_deref().and_then(|id| number_of.get(id));
        let pairs = members
            .map(|node| (node, number))
            .chain(parent.map(|parent| (number, *parent)));
        for (child, container) in pairs {
            if let Some(slot) = containers.get_mut(child) {
                *slot = container;
            }
        }
    }
    containers
}
