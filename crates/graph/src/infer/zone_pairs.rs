//! Infers the two halves of a zone, where a graph has one input and one output of a kind without a pair.

use std::collections::HashSet;

use super::plan::{Change, Plan};
use crate::catalogue::Side;
use crate::draft::Draft;
use crate::wiring::Wiring;

pub(super) fn infer(_: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    let paired: HashSet<&str> = wiring
        .graph
        .nodes
        .iter()
        .filter_map(|it| it.pair.as_deref())
        .collect();
    let open = wiring
        .nodes()
        .enumerate()
        .filter_map(|(index, (node, resolved))| {
            let zone = resolved.node_type?.zone.as_ref()?;
            (zone.side == Side::Input && node.pair.is_none()).then_some((
                index,
                node,
                &*zone.partner,
            ))
        });
    let open: Vec<_> = open.collect();
    for (index, node, partner) in &open {
        let outputs = wiring.graph.nodes.iter();
        let free = outputs.filter(|it| it.idname == *partner && !paired.contains(&*it.id));
        let ids: Vec<String> = free.map(|it| it.id.clone()).collect();
        let is_only_input = open.iter().filter(|(.., other)| other == partner).count() == 1;
        match ids.as_slice() {
            [only] if is_only_input => {
                let done = format!("paired with {only}, the only {partner}");
                plan.step(node.location(), done, Change::Pair(*index, only.clone()));
            }
            [] => {}
            _ => plan.ask(
                node.location(),
                "several zones can be meant: which output is its pair?",
                ids,
            ),
        }
    }
    plan
}
