//! A linked menu gets its items from exactly one menu at the other end. The default of a menu input of the group is one
//! of those items.

use std::collections::HashMap;

use super::violations::Violations;
use crate::idnames::{GROUP_INPUT, MENU};
use crate::value_type::ValueType;
use crate::wiring::{Port, ResolvedNode, Wiring};

/// The source of the items of a menu.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum ItemSource {
    /// No menu with items.
    #[default]
    Unknown,
    /// This input.
    Input(Port),
    /// Several inputs.
    Several,
}

impl ItemSource {
    fn combine(self, other: ItemSource) -> ItemSource {
        match (self, other) {
            (ItemSource::Unknown, source) | (source, ItemSource::Unknown) => source,
            (one, other) if one == other => one,
            _ => ItemSource::Several,
        }
    }
}

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let is_menu = |port: Port| {
        wiring
            .output(port)
            .is_some_and(|output| output.idname == MENU)
    };
    let links = || wiring.links().enumerate();
    let menus = links().filter_map(|(index, (link, wire))| {
        let (from, _) = wire.ends().filter(|(from, _)| is_menu(*from))?;
        Some((index, link, from))
    });
    let mut menus = menus.peekable();
    if menus.peek().is_none() && !wiring.inputs.iter().any(|socket| socket.idname == MENU) {
        return;
    }
    let sources = item_sources(wiring);
    check_defaults(wiring, &sources, violations);
    for (index, link, from) in menus {
        match sources.get(&from).copied().unwrap_or_default() {
            ItemSource::Input(_) => {}
            ItemSource::Unknown => {
                violations.add(link.location(index), "the items of this menu are unknown");
                violations.suggest("link it to the menu of a Menu Switch");
            }
            ItemSource::Several => {
                violations.add(
                    link.location(index),
                    "this menu leads to several menus with different items",
                );
                violations.suggest("use a separate menu for each");
            }
        }
    }
}

/// Checks the default of each menu among the group's inputs.
fn check_defaults(
    wiring: &Wiring,
    sources: &HashMap<Port, ItemSource>,
    violations: &mut Violations,
) {
    let menus = wiring.inputs.iter().enumerate();
    for (socket, input) in menus.filter(|(_, input)| input.idname == MENU) {
        let Some(default) = &input.default else {
            continue;
        };
        let nodes = wiring.resolved.iter().enumerate();
        let ends = nodes.filter(|(_, resolved)| resolved.has_type(GROUP_INPUT));
        let ports = ends.map(|(node, _)| Port { node, socket });
        let known = ports.map(|port| sources.get(&port).copied().unwrap_or_default());
        let value_type = match known.fold(ItemSource::Unknown, ItemSource::combine) {
            ItemSource::Input(port) => wiring.input(port).map(ValueType::of_input),
            ItemSource::Unknown => Some(ValueType::of_socket(MENU, None)),
            // Reported for the links.
            ItemSource::Several => None,
        };
        if let Some(Err(error)) = value_type.map(|value_type| value_type.check(default)) {
            violations.add(input.input_location().with_key("default"), error.message);
            violations.suggest(error.suggestion);
        }
    }
}

/// Returns the source of the items of each linked menu output; it is at the far end of the links.
fn item_sources(wiring: &Wiring) -> HashMap<Port, ItemSource> {
    let mut outgoing: Vec<Vec<(usize, Port)>> = vec![Vec::new(); wiring.resolved.len()];
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        if let Some(outgoing) = outgoing.get_mut(from.node) {
            outgoing.push((from.socket, to));
        }
    }
    let mut sources = HashMap::new();
    let order = wiring.edges().components().into_iter().flatten();
    for node in order.collect::<Vec<_>>().into_iter().rev() {
        let links = outgoing.get(node).map(Vec::as_slice).unwrap_or_default();
        for (socket, to) in links {
            let source = source_of_input(wiring, *to, &sources);
            let known: &mut ItemSource = sources
                .entry(Port {
                    node,
                    socket: *socket,
                })
                .or_default();
            *known = known.combine(source);
        }
    }
    sources
}

/// Returns the source of the items of an input: itself, or the source of the outputs that pass it on.
fn source_of_input(
    wiring: &Wiring,
    input: Port,
    sources: &HashMap<Port, ItemSource>,
) -> ItemSource {
    let found = wiring.resolved.get(input.node).zip(wiring.input(input));
    let Some((resolved, socket)) = found.filter(|(_, socket)| socket.idname == MENU) else {
        return ItemSource::Unknown;
    };
    if socket.menu.is_some() {
        return ItemSource::Input(input);
    }
    let outputs = passing_outputs(resolved, &socket.name);
    let ports = outputs.map(|socket| Port {
        node: input.node,
        socket,
    });
    let known = ports.map(|port| sources.get(&port).copied().unwrap_or_default());
    known.fold(ItemSource::Unknown, ItemSource::combine)
}

/// Returns the menu outputs that pass on a menu input: the one with its name, if there is one, else all.
fn passing_outputs<'a>(
    resolved: &'a ResolvedNode,
    name: &'a str,
) -> impl Iterator<Item = usize> + 'a {
    let has_same_name = resolved
        .outputs
        .iter()
        .any(|output| output.idname == MENU && output.name == name);
    let outputs = resolved.outputs.iter().enumerate();
    let menus =
        outputs.filter(move |(_, it)| it.idname == MENU && (!has_same_name || it.name == name));
    menus.map(|(socket, _)| socket)
}
