//! Adds the group's input and output if links name them, but no node has the id: `__GROUP_OUTPUT__`.

use std::collections::HashSet;

use super::node_names::NodeNames;
use super::plan::{Change, Plan};
use crate::draft::Draft;
use crate::idnames::{GROUP_INPUT, GROUP_OUTPUT};
use crate::model::Node;
use crate::wiring::Wiring;

pub(super) fn infer(_: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    let mut seen = HashSet::new();
    let links = wiring.graph.links.iter().enumerate();
    let ends = links.flat_map(|(index, link)| [(index, link, &link.from), (index, link, &link.to)]);
    let unknown = ends.filter(|(.., end)| wiring.node_index(&end.node).is_none());
    let unknown: Vec<_> = unknown.filter(|(.., end)| seen.insert(&end.node)).collect();
    if unknown.is_empty() {
        return plan;
    }
    let names = NodeNames::new(wiring.catalogue);
    for (index, link, end) in unknown {
        let types = names.find(&end.node);
        if let [node_type] = types.as_slice()
            && [GROUP_INPUT, GROUP_OUTPUT].contains(&&*node_type.identifier)
        {
            let node = Node {
                id: end.node.clone(),
                idname: node_type.identifier.clone(),
                ..Node::default()
            };
            let done = format!("added {}, which the link names: a {}", node.id, node.idname);
            plan.step(link.location(index), done, Change::Node(node));
        }
    }
    plan
}
