//! What a graph means in one version of Blender: each node's sockets, each link's ends, the group's interface.
//!
//! Nothing is judged here. What is unknown stays `None`, and the rules say so.

mod find;
mod interface;
mod items;
mod reroute;
mod setting;
mod shape;
mod spread;
mod zone;

use std::collections::HashMap;

pub use find::{Named, find, reference};
pub use setting::Meant;
pub use shape::{Shape, Slot};
pub use spread::Structure;

use crate::catalogue::{Catalogue, Input, Output};
use crate::model::{Graph, Link, Node, Setting, Socket};
use crate::order::Edges;

/// The node that holds the group's inputs as its outputs.
pub const GROUP_INPUT: &str = "NodeGroupInput";
/// The node that holds the group's outputs as its inputs.
pub const GROUP_OUTPUT: &str = "NodeGroupOutput";
/// A point that a link passes through.
pub const REROUTE: &str = "NodeReroute";
/// What carries meshes, curves, points and instances.
pub const GEOMETRY: &str = "NodeSocketGeometry";

/// A graph and what it means.
#[derive(Debug)]
pub struct Wiring<'g> {
    /// What was written.
    pub graph: &'g Graph,
    /// The Blender that it is for.
    pub catalogue: &'g Catalogue,
    /// The group's inputs: as they are declared, or concluded from the links.
    pub inputs: Vec<Socket>,
    /// The group's outputs.
    pub outputs: Vec<Socket>,
    /// For each node what it looks like.
    pub shapes: Vec<Shape<'g>>,
    /// For each link where it begins and ends.
    pub wires: Vec<Wire>,
    /// Inputs that make an output a field, beside what the catalogue says of single nodes.
    pub feeds: Vec<(Port, Port)>,
    index: HashMap<&'g str, usize>,
    /// From either half of a zone to the other one.
    partners: HashMap<usize, usize>,
}

/// A socket, by the index of its node and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Port {
    /// Index in `nodes`.
    pub node: usize,
    /// Index among the node's inputs, or its outputs.
    pub socket: usize,
}

/// A link's ends, as far as they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wire {
    /// The output.
    pub from: Option<Port>,
    /// The input.
    pub to: Option<Port>,
}

impl Wire {
    /// Both ends, where both are there.
    pub fn ends(self) -> Option<(Port, Port)> {
        self.from.zip(self.to)
    }
}

impl<'g> Wiring<'g> {
    /// Concludes what a graph means.
    pub fn new(graph: &'g Graph, catalogue: &'g Catalogue) -> Self {
        let mut index = HashMap::with_capacity(graph.nodes.len());
        for (place, node) in graph.nodes.iter().enumerate() {
            // Of several with one id the first counts.
            index.entry(node.id.as_str()).or_insert(place);
        }
        let mut settings: HashMap<&str, &[Setting]> = HashMap::new();
        for each in &graph.settings {
            settings.insert(&each.node, &each.values);
        }
        let shape = |node: &'g Node| {
            let settings = settings.get(node.id.as_str()).copied();
            Shape::of(node, settings.unwrap_or_default(), catalogue)
        };
        let mut wiring = Self {
            graph,
            catalogue,
            inputs: Vec::new(),
            outputs: Vec::new(),
            shapes: graph.nodes.iter().map(shape).collect(),
            wires: Vec::new(),
            feeds: Vec::new(),
            index,
            partners: HashMap::new(),
        };
        for (input, output) in wiring.zones() {
            wiring.partners.extend([(input, output), (output, input)]);
        }
        wiring.follow_partners();
        wiring.grow_items();
        let chains = wiring.chains();
        wiring.conclude_interface(&chains);
        wiring.type_reroutes(&chains);
        wiring.wires = graph.links.iter().map(|link| wiring.wire(link)).collect();
        wiring
    }

    /// Lets one half of a zone decide about the sockets of the other.
    fn follow_partners(&mut self) {
        let choice = |(node, partner): (&usize, &usize)| {
            let shape = self.shapes.get(*node)?;
            Some((*node, shape.decided_by(self.shapes.get(*partner)?)?))
        };
        let choices: Vec<_> = self.partners.iter().filter_map(choice).collect();
        for (node, values) in choices {
            if let Some(shape) = self.shapes.get_mut(node) {
                shape.choose(Some(values));
            }
        }
    }

    /// The index of a node's id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    /// The node of an id, and what it looks like.
    pub fn node(&self, id: &str) -> Option<(&'g Node, &Shape<'g>)> {
        let place = self.place(id)?;
        self.graph.nodes.get(place).zip(self.shapes.get(place))
    }

    /// Each node with what it looks like.
    pub fn nodes(&self) -> impl Iterator<Item = (&'g Node, &Shape<'g>)> {
        self.graph.nodes.iter().zip(&self.shapes)
    }

    /// Each link with its ends.
    pub fn links(&self) -> impl Iterator<Item = (&'g Link, Wire)> {
        self.graph.links.iter().zip(self.wires.iter().copied())
    }

    /// The output at a port.
    pub fn output(&self, port: Port) -> Option<&Output> {
        let slot = self.shapes.get(port.node)?.outputs.get(port.socket)?;
        Some(slot)
    }

    /// The input at a port.
    pub fn input(&self, port: Port) -> Option<&Input> {
        let slot = self.shapes.get(port.node)?.inputs.get(port.socket)?;
        Some(slot)
    }

    /// Which node's output leads to which node's input.
    pub fn edges(&self) -> Edges {
        let mut edges = Edges::new(self.shapes.len());
        for link in &self.graph.links {
            if let (Some(from), Some(to)) = (self.place(&link.from.node), self.place(&link.to.node))
            {
                edges.add(from, to);
            }
        }
        edges
    }

    fn wire(&self, link: &Link) -> Wire {
        let output = |shape: &Shape| find(&shape.outputs, &link.from.socket);
        let input = |shape: &Shape| find(&shape.inputs, &link.to.socket);
        Wire {
            from: self.port(&link.from.node, output),
            to: self.port(&link.to.node, input),
        }
    }

    fn port(&self, id: &str, find: impl Fn(&Shape) -> Option<usize>) -> Option<Port> {
        let node = self.place(id)?;
        let socket = find(self.shapes.get(node)?)?;
        Some(Port { node, socket })
    }
}
