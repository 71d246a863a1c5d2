//! Each link leads from an output to an input that the nodes have with their properties as they are set.

use super::violations::Violations;
use crate::catalogue::{NodeType, Side};
use crate::diagnostic::{name_list, quote};
use crate::idnames::{GROUP_INPUT, GROUP_OUTPUT};
use crate::model::{End, Node};
use crate::suggest::suggest_names;
use crate::wiring::{Named, ResolvedNode, Wiring};

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (index, (link, wire)) in wiring.links().enumerate() {
        let ends = [
            (&link.from, Side::Output, wire.from.is_none()),
            (&link.to, Side::Input, wire.to.is_none()),
        ];
        // The rules `types` and `ends` report unknown types and missing nodes.
        let missing = ends.into_iter().filter(|(.., missing)| *missing);
        let missing = missing.filter_map(|(end, side, _)| {
            let (node, resolved) = wiring.node(&end.node)?;
            resolved.node_type.map(|_| (end, side, node, resolved))
        });
        let missing: Vec<_> = missing.collect();
        let (inferable, definite): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|(.., resolved)| is_inferred(wiring, resolved));
        for (end, side, node, resolved) in &definite {
            let location = link.location(index).with_key(end.socket.clone());
            let can_search = violations.can_search_names();
            violations.add(location, describe_missing(node, resolved, end, *side));
            if can_search {
                violations.suggest(suggest_socket(resolved, end, *side));
            }
        }
        // The type of a socket of the interface is inferred from the other end, if that exists.
        let other = wiring.node(&link.from.node).zip(wiring.node(&link.to.node));
        let is_reported = !definite.is_empty()
            || other.is_none_or(|((_, a), (_, b))| a.node_type.is_none() || b.node_type.is_none());
        if let (Some((end, side, ..)), false) = (inferable.first(), is_reported) {
            let location = link.location(index).with_key(end.socket.clone());
            violations.add(
                location,
                "the type of this socket cannot be inferred from its links",
            );
            violations.suggest(match side {
                Side::Output => "declare it in \"inputs\"",
                Side::Input => "declare it in \"outputs\"",
            });
        }
    }
}

/// Returns whether the sockets of a node are inferred from its links.
fn is_inferred(wiring: &Wiring, resolved: &ResolvedNode) -> bool {
    let graph = wiring.graph;
    (resolved.has_type(GROUP_INPUT) && graph.inputs.is_none())
        || (resolved.has_type(GROUP_OUTPUT) && graph.outputs.is_none())
}

/// Describes why a node has no such socket.
fn describe_missing(node: &Node, resolved: &ResolvedNode, end: &End, side: Side) -> String {
    let (what, other) = match side {
        Side::Output => ("output", "input"),
        Side::Input => ("input", "output"),
    };
    let name = quote(&end.socket);
    let title = format!("{} ({})", node.id, node.idname);
    let (here, there) = (
        socket_names(resolved, side),
        socket_names(resolved, opposite(side)),
    );
    if here.iter().filter(|(name, _)| *name == end.socket).count() > 1 {
        return format!("{title} has several {what}s named {name}");
    }
    if there.iter().any(|(name, _)| *name == end.socket) {
        return format!(
            "{name} is an {other} of {title}, but a link leads from an output to an input"
        );
    }
    if resolved
        .node_type
        .is_some_and(|node_type| has_in_any_variant(node_type, &end.socket, side))
    {
        return format!("{title} has no {what} {name} with its current properties");
    }
    format!("{title} has no {what} {name}")
}

/// Suggests the socket that could be meant.
fn suggest_socket(resolved: &ResolvedNode, end: &End, side: Side) -> String {
    let sockets = socket_names(resolved, side);
    let same: Vec<&str> = sockets
        .iter()
        .filter(|(name, _)| *name == end.socket)
        .map(|(_, identifier)| *identifier)
        .collect();
    if !same.is_empty() {
        return format!("use an identifier: {}", name_list(same));
    }
    let node_type = resolved
        .node_type
        .filter(|node_type| has_in_any_variant(node_type, &end.socket, side));
    if let Some(variants) = node_type.and_then(|node_type| node_type.variants.as_ref()) {
        return format!(
            "it depends on {}",
            name_list(variants.by.iter().map(String::as_str))
        );
    }
    let names = sockets.iter().map(|(name, _)| *name);
    if let Some(similar) = suggest_names(&end.socket, names.clone()).first() {
        return format!("{similar}?");
    }
    let by_number = end.socket.bytes().all(|byte| byte.is_ascii_digit());
    let by_name = if by_number {
        "write names, not numbers; "
    } else {
        ""
    };
    format!("{by_name}available: {}", name_list(names))
}

/// Returns name and identifier of each socket on a side.
fn socket_names<'a>(resolved: &'a ResolvedNode, side: Side) -> Vec<(&'a str, &'a str)> {
    fn of<T: Named>(socket: &T) -> (&str, &str) {
        (socket.name(), socket.identifier())
    }
    match side {
        Side::Input => resolved.inputs.iter().map(|it| of(&**it)).collect(),
        Side::Output => resolved.outputs.iter().map(|it| of(&**it)).collect(),
    }
}

/// Returns whether any variant of a type has a socket.
fn has_in_any_variant(node_type: &NodeType, name: &str, side: Side) -> bool {
    fn is<T: Named>(socket: &T, name: &str) -> bool {
        socket.name() == name || socket.identifier() == name
    }
    match side {
        Side::Input => node_type.inputs.iter().any(|it| is(it, name)),
        Side::Output => node_type.outputs.iter().any(|it| is(it, name)),
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Input => Side::Output,
        Side::Output => Side::Input,
    }
}
