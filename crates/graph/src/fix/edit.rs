//! Inserts nodes into a graph.

use std::collections::{HashMap, HashSet};

use crate::model::{End, Graph, Link, Node};

/// Nodes that will be inserted into a graph, each before another one.
pub(super) struct Edit<'g> {
    graph: &'g Graph,
    ids: HashSet<String>,
    /// For each name: the last number that was tried for an id.
    last_number: HashMap<&'static str, usize>,
    /// From a node's id to the nodes before it.
    before: HashMap<String, Vec<Node>>,
}

impl<'g> Edit<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let nodes = graph.nodes.iter().map(|node| &node.id);
        let frames = graph.frames.iter().map(|frame| &frame.id);
        Self {
            graph,
            ids: nodes.chain(frames).cloned().collect(),
            last_number: HashMap::new(),
            before: HashMap::new(),
        }
    }

    /// Adds a node before another one, in the same frame; returns its id.
    pub(super) fn add(&mut self, idname: &str, name: &'static str, before: &str) -> String {
        let number = self.last_number.entry(name).or_default();
        let id = loop {
            *number += 1;
            let id = format!("{name}_{number}");
            if !self.ids.contains(&id) {
                break id;
            }
        };
        let node = Node {
            id: id.clone(),
            idname: idname.to_owned(),
            ..Node::default()
        };
        self.before.entry(before.to_owned()).or_default().push(node);
        id
    }

    /// Returns the graph with the added nodes, and with these links instead of its own.
    pub(super) fn finish(mut self, links: Vec<Link>) -> Graph {
        let mut graph = self.graph.clone();
        for frame in &mut graph.frames {
            let new = frame
                .nodes
                .iter()
                .filter_map(|id| self.before.get(id))
                .flatten();
            let new: Vec<String> = new.map(|node| node.id.clone()).collect();
            frame.nodes.extend(new);
        }
        let nodes = graph.nodes.into_iter().flat_map(|node| {
            let new = self.before.remove(&node.id).unwrap_or_default();
            new.into_iter().chain([node])
        });
        graph.nodes = nodes.collect();
        graph.links = links;
        graph
    }
}

/// Makes a link from node and socket to node and socket.
pub(super) fn make_link(from: (&str, &str), to: (&str, &str)) -> Link {
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
