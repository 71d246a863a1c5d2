//! Resolves a graph, step by step.

use std::collections::HashMap;

use super::graph::Wiring;
use super::node::ResolvedNode;
use crate::catalogue::Catalogue;
use crate::model::{Graph, Node, Setting};

impl<'g> Wiring<'g> {
    /// Resolves a graph for the version of Blender of a catalogue.
    pub fn new(graph: &'g Graph, catalogue: &'g Catalogue) -> Self {
        let mut index = HashMap::with_capacity(graph.nodes.len());
        for (number, node) in graph.nodes.iter().enumerate() {
            // The first of several nodes with one id counts.
            index.entry(node.id.as_str()).or_insert(number);
        }
        let mut settings: HashMap<&str, &[Setting]> = HashMap::new();
        for of_node in &graph.settings {
            settings.insert(&of_node.node, &of_node.values);
        }
        let resolve = |node: &'g Node| {
            let settings = settings.get(node.id.as_str()).copied();
            ResolvedNode::new(node, settings.unwrap_or_default(), catalogue)
        };
        let mut wiring = Self {
            graph,
            catalogue,
            inputs: Vec::new(),
            outputs: Vec::new(),
            resolved: graph.nodes.iter().map(resolve).collect(),
            wires: Vec::new(),
            item_feeds: Vec::new(),
            index,
            partners: HashMap::new(),
        };
        for (input, output) in wiring.zones() {
            wiring.partners.extend([(input, output), (output, input)]);
        }
        wiring.select_sockets_by_partner();
        wiring.add_item_sockets();
        let chains = wiring.reroute_chains();
        wiring.resolve_interface(&chains);
        wiring.set_reroute_types(&chains);
        wiring.wires = graph.links.iter().map(|link| wiring.wire(link)).collect();
        wiring
    }

    /// Selects the sockets of nodes for which the other half of their zone decides.
    fn select_sockets_by_partner(&mut self) {
        let values_of = |(node, partner): (&usize, &usize)| {
            let partner = self.resolved.get(*partner)?;
            let values = self.resolved.get(*node)?.values_from_partner(partner)?;
            Some((*node, values))
        };
        let decided: Vec<_> = self.partners.iter().filter_map(values_of).collect();
        for (node, values) in decided {
            if let Some(resolved) = self.resolved.get_mut(node) {
                resolved.select_sockets(Some(values));
            }
        }
    }
}
