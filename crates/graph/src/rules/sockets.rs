//! A link leads from an output to an input that the nodes have, with their properties as they are set.

use super::{Found, of_link};
use crate::catalogue::{NodeType, Side};
use crate::diagnostic::{listed, quoted};
use crate::model::{End, Node};
use crate::suggest::suggest_names;
use crate::wiring::{GROUP_INPUT, GROUP_OUTPUT, Named, Shape, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (index, (link, wire)) in wiring.links().enumerate() {
        let ends = [
            (&link.from, Side::Output, wire.from.is_none()),
            (&link.to, Side::Input, wire.to.is_none()),
        ];
        // What has no type is told by another rule, what is not there by a third.
        let missing = ends.into_iter().filter(|(.., missing)| *missing);
        let missing = missing.filter_map(|(end, side, _)| {
            let (node, shape) = wiring.node(&end.node)?;
            shape.kind.map(|_| (end, side, node, shape))
        });
        let missing: Vec<_> = missing.collect();
        let (open, clear): (Vec<_>, Vec<_>) = missing
            .into_iter()
            .partition(|(.., shape)| is_concluded(wiring, shape));
        for (end, side, node, shape) in &clear {
            let place = of_link(index, link).key(end.socket.clone());
            let may_search = found.may_search();
            found.add(place, message(node, shape, end, *side));
            if may_search {
                found.suggest(suggestion(shape, end, *side));
            }
        }
        // Of which type this socket of the interface is follows from the other end, if that is there.
        let other = wiring.node(&link.from.node).zip(wiring.node(&link.to.node));
        let told = !clear.is_empty()
            || other.is_none_or(|((_, a), (_, b))| a.kind.is_none() || b.kind.is_none());
        if let (Some((end, side, ..)), false) = (open.first(), told) {
            let place = of_link(index, link).key(end.socket.clone());
            found.add(place, "of which type it is cannot be concluded");
            found.suggest(match side {
                Side::Output => "say it in \"inputs\"",
                Side::Input => "say it in \"outputs\"",
            });
        }
    }
}

/// Whether a node's sockets are concluded from its links.
fn is_concluded(wiring: &Wiring, shape: &Shape) -> bool {
    let graph = wiring.graph;
    (shape.is(GROUP_INPUT) && graph.inputs.is_none())
        || (shape.is(GROUP_OUTPUT) && graph.outputs.is_none())
}

fn message(node: &Node, shape: &Shape, end: &End, side: Side) -> String {
    let (what, other) = match side {
        Side::Output => ("output", "input"),
        Side::Input => ("input", "output"),
    };
    let name = quoted(&end.socket);
    let title = format!("{} ({})", node.id, node.idname);
    let (here, there) = (names(shape, side), names(shape, opposite(side)));
    if here.iter().filter(|(name, _)| *name == end.socket).count() > 1 {
        return format!("{title} has several {what}s named {name}");
    }
    if there.iter().any(|(name, _)| *name == end.socket) {
        return format!(
            "{name} is an {other} of {title}, and a link leads from an output to an input"
        );
    }
    if shape.kind.is_some_and(|kind| has(kind, &end.socket, side)) {
        return format!("{title} has no {what} {name} with its properties as they are");
    }
    format!("{title} has no {what} {name}")
}

fn suggestion(shape: &Shape, end: &End, side: Side) -> String {
    let sockets = names(shape, side);
    let same: Vec<&str> = sockets
        .iter()
        .filter(|(name, _)| *name == end.socket)
        .map(|(_, identifier)| *identifier)
        .collect();
    if !same.is_empty() {
        return format!("say which by its identifier: {}", listed(same));
    }
    let kind = shape.kind.filter(|kind| has(kind, &end.socket, side));
    if let Some(variants) = kind.and_then(|kind| kind.variants.as_ref()) {
        return format!(
            "it depends on {}",
            listed(variants.by.iter().map(String::as_str))
        );
    }
    let names = sockets.iter().map(|(name, _)| *name);
    if let Some(near) = suggest_names(&end.socket, names.clone()).first() {
        return format!("{near}?");
    }
    let by_number = end.socket.bytes().all(|byte| byte.is_ascii_digit());
    let by_name = if by_number {
        "sockets are named, not counted; "
    } else {
        ""
    };
    format!("{by_name}there are: {}", listed(names))
}

/// Name and identifier of each socket on a side.
fn names<'a>(shape: &'a Shape, side: Side) -> Vec<(&'a str, &'a str)> {
    fn of<T: Named>(socket: &T) -> (&str, &str) {
        (socket.name(), socket.identifier())
    }
    match side {
        Side::Input => shape.inputs.iter().map(|it| of(&**it)).collect(),
        Side::Output => shape.outputs.iter().map(|it| of(&**it)).collect(),
    }
}

/// Whether any variant of a type has a socket.
fn has(kind: &NodeType, name: &str, side: Side) -> bool {
    fn is<T: Named>(socket: &T, name: &str) -> bool {
        socket.name() == name || socket.identifier() == name
    }
    match side {
        Side::Input => kind.inputs.iter().any(|it| is(it, name)),
        Side::Output => kind.outputs.iter().any(|it| is(it, name)),
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Input => Side::Output,
        Side::Output => Side::Input,
    }
}
