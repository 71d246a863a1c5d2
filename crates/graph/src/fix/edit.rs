//! Nodes that are put into a graph.

use std::collections::{HashMap, HashSet};

use crate::model::{End, Graph, Link, Node};

/// Nodes that are to be put into a graph, each before another one.
pub(super) struct Edit<'g> {
    graph: &'g Graph,
    ids: HashSet<String>,
    /// For each name the number that was tried last.
    tried: HashMap<&'static str, usize>,
    before: HashMap<String, Vec<Node>>,
}

impl<'g> Edit<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let nodes = graph.nodes.iter().map(|node| &node.id);
        let frames = graph.frames.iter().map(|frame| &frame.id);
        Self {
            graph,
            ids: nodes.chain(frames).cloned().collect(),
            tried: HashMap::new(),
            before: HashMap::new(),
        }
    }

    /// Adds a node of a type before another one: with an id of its own, in the same frame.
    pub(super) fn add(&mut self, idname: &str, name: &'static str, before: &str) -> String {
        let tried = self.tried.entry(name).or_default();
        let id = loop {
            *tried += 1;
            let id = format!("{name}_{tried}");
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

    /// The graph with these nodes, and with these links instead of its own.
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
        let each = graph.nodes.into_iter().flat_map(|node| {
            let new = self.before.remove(&node.id).unwrap_or_default();
            new.into_iter().chain([node])
        });
        graph.nodes = each.collect();
        graph.links = links;
        graph
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
