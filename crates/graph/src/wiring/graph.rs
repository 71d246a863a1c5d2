//! A resolved graph, and access to its nodes, links and sockets.

use std::collections::HashMap;

use super::node::ResolvedNode;
use super::socket_name::find_socket;
use crate::catalogue::{Catalogue, Input, Output};
use crate::digraph::Digraph;
use crate::model::{Graph, Link, Node, Socket};

/// A graph, resolved for one version of Blender.
#[derive(Debug)]
pub struct Wiring<'g> {
    /// The graph as it was written.
    pub graph: &'g Graph,
    /// The node types of that version of Blender.
    pub catalogue: &'g Catalogue,
    /// The group's inputs: declared, or inferred from the links.
    pub inputs: Vec<Socket>,
    /// The group's outputs: declared, or inferred from the links.
    pub outputs: Vec<Socket>,
    /// Type and sockets of each node.
    pub resolved: Vec<ResolvedNode<'g>>,
    /// The ends of each link.
    pub wires: Vec<Wire>,
    /// Pairs of input and output: a field at the input makes the output a field. Only pairs that items make, which
    /// the catalogue cannot list.
    pub item_feeds: Vec<(Port, Port)>,
    /// From a node's id to its index.
    pub(super) index: HashMap<&'g str, usize>,
    /// From either half of a zone to the other one.
    pub(super) partners: HashMap<usize, usize>,
}

/// A socket: the index of its node, and its index among the node's inputs or outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    /// Index in `nodes`.
    pub node: usize,
    /// Index among the node's inputs, or its outputs.
    pub socket: usize,
}

/// The ends of a link; `None` for an end whose node or socket does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The output.
    pub from: Option<Port>,
    /// The input.
    pub to: Option<Port>,
}

impl Wire {
    /// Returns both ends, if both exist.
    pub fn ends(self) -> Option<(Port, Port)> {
        self.from.zip(self.to)
    }
}

impl<'g> Wiring<'g> {
    /// Returns the index of the node with this id.
    pub fn node_index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// Returns the node with this id.
    pub fn node(&self, id: &str) -> Option<(&'g Node, &ResolvedNode<'g>)> {
        let index = self.node_index(id)?;
        self.graph.nodes.get(index).zip(self.resolved.get(index))
    }

    /// Returns all nodes.
    pub fn nodes(&self) -> impl Iterator<Item = (&'g Node, &ResolvedNode<'g>)> {
        self.graph.nodes.iter().zip(&self.resolved)
    }

    /// Returns all links with their ends.
    pub fn links(&self) -> impl Iterator<Item = (&'g Link, Wire)> {
        self.graph.links.iter().zip(self.wires.iter().copied())
    }

    /// Returns the output at a port.
    pub fn output(&self, port: Port) -> Option<&Output> {
        let slot = self.resolved.get(port.node)?.outputs.get(port.socket)?;
        Some(slot)
    }

    /// Returns the input at a port.
    pub fn input(&self, port: Port) -> Option<&Input> {
        let slot = self.resolved.get(port.node)?.inputs.get(port.socket)?;
        Some(slot)
    }

    /// Returns the nodes as a directed graph: an edge for each link.
    pub fn edges(&self) -> Digraph {
        let mut edges = Digraph::new(self.resolved.len());
        for link in &self.graph.links {
            let from = self.node_index(&link.from.node);
            let to = self.node_index(&link.to.node);
            if let (Some(from), Some(to)) = (from, to) {
                edges.add(from, to);
            }
        }
        edges
    }

    /// Finds the ends of a link.
    pub(super) fn wire(&self, link: &Link) -> Wire {
        let output = |node: &ResolvedNode| find_socket(&node.outputs, &link.from.socket);
        let input = |node: &ResolvedNode| find_socket(&node.inputs, &link.to.socket);
        Wire {
            from: self.port(&link.from.node, output),
            to: self.port(&link.to.node, input),
        }
    }

    fn port(&self, id: &str, find: impl Fn(&ResolvedNode) -> Option<usize>) -> Option<Port> {
        let node = self.node_index(id)?;
        let socket = find(self.resolved.get(node)?)?;
        Some(Port { node, socket })
    }
}
