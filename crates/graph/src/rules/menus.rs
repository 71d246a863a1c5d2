//! A menu that is linked gets its items from what it leads to, and from one place alone; so does a menu of the group's
//! inputs, of which its default is one.

use std::collections::HashMap;

use super::{Found, of_input, of_link};
use crate::takes::Takes;
use crate::wiring::{GROUP_INPUT, Port, Shape, Wiring};

const MENU: &str = "NodeSocketMenu";

/// Where the items of a menu come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Items {
    /// Nowhere.
    #[default]
    Unknown,
    /// From this input.
    Of(Port),
    /// From several inputs.
    Several,
}

impl Items {
    fn and(self, other: Items) -> Items {
        match (self, other) {
            (Items::Unknown, items) | (items, Items::Unknown) => items,
            (one, other) if one == other => one,
            _ => Items::Several,
        }
    }
}

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
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
    let items = items(wiring);
    defaults(wiring, &items, found);
    for (index, link, from) in menus {
        match items.get(&from).copied().unwrap_or_default() {
            Items::Of(_) => {}
            Items::Unknown => {
                found.add(
                    of_link(index, link),
                    "nothing says which items this menu has",
                );
                found.suggest("link it on to the menu of a Menu Switch");
            }
            Items::Several => {
                found.add(
                    of_link(index, link),
                    "this menu would have the items of several menus",
                );
                found.suggest("a menu of its own for each");
            }
        }
    }
}

/// A menu of the group's inputs is one of the items of what it leads to.
fn defaults(wiring: &Wiring, items: &HashMap<Port, Items>, found: &mut Found) {
    let menus = wiring.inputs.iter().enumerate();
    for (socket, input) in menus.filter(|(_, input)| input.idname == MENU) {
        let Some(default) = &input.default else {
            continue;
        };
        let nodes = wiring.shapes.iter().enumerate();
        let ends = nodes.filter(|(_, shape)| shape.is(GROUP_INPUT));
        let ports = ends.map(|(node, _)| Port { node, socket });
        let known = ports.map(|port| items.get(&port).copied().unwrap_or_default());
        let takes = match known.fold(Items::Unknown, Items::and) {
            Items::Of(port) => wiring.input(port).map(Takes::input),
            Items::Unknown => Some(Takes::socket(MENU, None)),
            // The links say so.
            Items::Several => None,
        };
        if let Some(Err(wrong)) = takes.map(|takes| takes.check(default)) {
            found.add(of_input(input).key("default"), wrong.message);
            found.suggest(wrong.suggestion);
        }
    }
}

/// Where the items of each output that is a menu come from: what it leads to, to the right.
fn items(wiring: &Wiring) -> HashMap<Port, Items> {
    let mut leading: Vec<Vec<(usize, Port)>> = vec![Vec::new(); wiring.shapes.len()];
    for (from, to) in wiring.wires.iter().filter_map(|wire| wire.ends()) {
        if let Some(leading) = leading.get_mut(from.node) {
            leading.push((from.socket, to));
        }
    }
    let mut items = HashMap::new();
    let order = wiring.edges().components().into_iter().flatten();
    for node in order.collect::<Vec<_>>().into_iter().rev() {
        let links = leading.get(node).map(Vec::as_slice).unwrap_or_default();
        for (socket, to) in links {
            let of = items_of(wiring, *to, &items);
            let known: &mut Items = items
                .entry(Port {
                    node,
                    socket: *socket,
                })
                .or_default();
            *known = known.and(of);
        }
    }
    items
}

/// Where the items of an input come from: it has its own, or those of the outputs that it is passed on to.
fn items_of(wiring: &Wiring, input: Port, items: &HashMap<Port, Items>) -> Items {
    let found = wiring.shapes.get(input.node).zip(wiring.input(input));
    let Some((shape, at)) = found.filter(|(_, at)| at.idname == MENU) else {
        return Items::Unknown;
    };
    if at.menu.is_some() {
        return Items::Of(input);
    }
    let outputs = passed_on(shape, &at.name);
    let ports = outputs.map(|socket| Port {
        node: input.node,
        socket,
    });
    let known = ports.map(|port| items.get(&port).copied().unwrap_or_default());
    known.fold(Items::Unknown, Items::and)
}

/// The menus that a node gives of one that it gets: the one of that name, where items make both; else each.
fn passed_on<'a>(shape: &'a Shape, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let same = shape
        .outputs
        .iter()
        .any(|output| output.idname == MENU && output.name == name);
    let outputs = shape.outputs.iter().enumerate();
    let menus = outputs.filter(move |(_, it)| it.idname == MENU && (!same || it.name == name));
    menus.map(|(socket, _)| socket)
}
