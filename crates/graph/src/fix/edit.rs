//! Nodes that are put into a graph.

use std::collections::HashSet;

use crate::model::{End, Graph, Link, Node};

/// A graph that nodes are put into.
pub(super) struct Edit {
    pub graph: Graph,
    ids: HashSet<String>,
}

impl Edit {
    pub(super) fn new(graph: &Graph) -> Self {
        let nodes = graph.nodes.iter().map(|node| &node.id);
        let frames = graph.frames.iter().map(|frame| &frame.id);
        Self {
            ids: nodes.chain(frames).cloned().collect(),
            graph: graph.clone(),
        }
    }

    /// Adds a node of a type before another one: with an id of its own, in the same frame.
    pub(super) fn add(&mut self, idname: &str, name: &str, before: &str) -> String {
        let mut ids = (1_usize..).map(|number| format!("{name}_{number}"));
        let id = ids.find(|id| !self.ids.contains(id)).unwrap_or_default();
        self.ids.insert(id.clone());
        let node = Node {
            id: id.clone(),
            idname: idname.to_owned(),
            ..Node::default()
        };
        let nodes = &mut self.graph.nodes;
        let at = nodes.iter().position(|node| node.id == before);
        nodes.insert(at.unwrap_or(nodes.len()), node);
        let mut frames = self.graph.frames.iter_mut();
        if let Some(frame) = frames.find(|frame| frame.nodes.iter().any(|node| node == before)) {
            frame.nodes.push(id.clone());
        }
        id
    }
}

/// A link of sockets by name.
pub(super) fn link(from: (&str, &str), to: (&str, &str)) -> Link {
    let end = |(node, socket): (&str, &str)| End {
        node: node.to_owned(),
        socket: socket.to_owned(),
    };
    Link {
        from: end(from),
        to: end(to),
        at: None,
    }
}
