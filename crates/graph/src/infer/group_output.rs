//! Infers the link to the group's output where exactly one geometry leads nowhere.

use std::collections::HashSet;

use super::plan::{Change, Plan};
use crate::catalogue::Side;
use crate::draft::Draft;
use crate::idnames::{GEOMETRY, GROUP_INPUT, GROUP_OUTPUT};
use crate::location::Location;
use crate::model::{End, Link, Node};
use crate::wiring::{Port, Wiring, socket_reference};

pub(super) fn infer(draft: &Draft, wiring: &Wiring) -> Plan {
    let mut plan = Plan::default();
    let is_known = wiring.resolved.iter().all(|it| it.node_type.is_some());
    let output = wiring
        .nodes()
        .find(|(_, resolved)| resolved.has_type(GROUP_OUTPUT));
    let is_linked = |node: &Node| {
        wiring
            .graph
            .links
            .iter()
            .any(|link| link.to.node == node.id)
    };
    if !is_known || draft.has_open_links() || output.is_some_and(|(node, _)| is_linked(node)) {
        return plan;
    }
    let ends = loose_ends(wiring);
    let [end] = ends.as_slice() else {
        if ends.len() > 1 {
            let choices = ends
                .iter()
                .map(|end| format!("{}.{}", end.node, end.socket));
            let message =
                "several geometries lead nowhere: which is the result, or are they joined?";
            plan.ask(Location::default(), message, choices.collect());
        }
        return plan;
    };
    let output = output.map(|(node, _)| node.id.clone());
    link_result(end, output, wiring, &mut plan);
    plan
}

/// Links a geometry to the group's output; adds that node if there is none.
fn link_result(end: &End, output: Option<String>, wiring: &Wiring, plan: &mut Plan) {
    let id = output.unwrap_or_else(|| {
        let node = Node {
            id: unused_id(wiring),
            idname: GROUP_OUTPUT.to_owned(),
            ..Node::default()
        };
        let id = node.id.clone();
        let done = format!("added {id}, a {GROUP_OUTPUT}");
        plan.step(Location::default(), done, Change::Node(node));
        id
    });
    let mut declared = wiring.outputs.iter().filter(|it| it.idname == GEOMETRY);
    let socket = declared.next().map(|it| it.name.clone());
    let to = End {
        node: id,
        socket: socket.unwrap_or_else(|| "Geometry".to_owned()),
    };
    let link = Link {
        from: end.clone(),
        to,
        at: None,
    };
    let done = format!(
        "linked {}: the only geometry that leads nowhere",
        link.text()
    );
    plan.step(Location::default(), done, Change::Link(link));
}

/// Returns the geometry outputs of nodes none of whose geometry outputs is linked.
fn loose_ends(wiring: &Wiring) -> Vec<End> {
    let linked: HashSet<Port> = wiring.wires.iter().filter_map(|wire| wire.from).collect();
    let mut ends = Vec::new();
    for (index, (node, resolved)) in wiring.nodes().enumerate() {
        let zone = resolved.node_type.and_then(|it| it.zone.as_ref());
        if resolved.has_type(GROUP_INPUT) || zone.is_some_and(|it| it.side == Side::Input) {
            continue;
        }
        let outputs = resolved
            .outputs
            .iter()
            .enumerate()
            .filter(|(_, it)| it.idname == GEOMETRY);
        let sockets: Vec<usize> = outputs.map(|(socket, _)| socket).collect();
        if sockets.iter().any(|socket| {
            linked.contains(&Port {
                node: index,
                socket: *socket,
            })
        }) {
            continue;
        }
        let names = sockets
            .iter()
            .filter_map(|it| socket_reference(&resolved.outputs, *it));
        ends.extend(names.map(|socket| End {
            node: node.id.clone(),
            socket: socket.to_owned(),
        }));
    }
    ends
}

fn unused_id(wiring: &Wiring) -> String {
    let frames: HashSet<&str> = wiring.graph.frames.iter().map(|it| &*it.id).collect();
    let mut ids = (1..).map(|number| format!("output_{number}"));
    let id = ids.find(|id| wiring.node_index(id).is_none() && !frames.contains(&**id));
    id.unwrap_or_default()
}
