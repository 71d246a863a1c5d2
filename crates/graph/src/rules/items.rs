//! Items stand on nodes that have such, with types that those take and names of their own.

use std::collections::HashSet;

use super::{Found, of_node, wrong_name};
use crate::catalogue::{Collection, NodeType};
use crate::diagnostic::{listed, quoted};
use crate::location::Location;
use crate::model::{Item, Node};
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (node, shape) in wiring.nodes() {
        let (Some(items), Some(kind)) = (&node.items, shape.kind) else {
            continue;
        };
        if kind.items.is_empty() {
            found.add(
                of_node(node).key("items"),
                format!("{} has no items", node.idname),
            );
            found.suggest(match &kind.zone {
                Some(zone) => format!("they stand at its pair, a {}", zone.partner),
                None => "leave them out".to_owned(),
            });
            continue;
        }
        let mut names = HashSet::new();
        for item in items {
            let place = of_node(node).key(item.name.clone()).at(item.at);
            if let Some(collection) = collection(node, kind, item, &place, found) {
                named(collection, item, &mut names, &place, found);
                typed(collection, item, place, found);
            }
        }
    }
}

/// The collection that an item belongs to.
fn collection<'c>(
    node: &Node,
    kind: &'c NodeType,
    item: &Item,
    place: &Location,
    found: &mut Found,
) -> Option<&'c Collection> {
    let names = || kind.items.iter().map(|it| it.collection.as_str());
    let (wanted, only) = match (&item.collection, kind.items.as_slice()) {
        (None, [only]) => return Some(only),
        (wanted, _) => (wanted.as_deref().unwrap_or_default(), wanted.is_none()),
    };
    let collection = kind.items.iter().find(|it| it.collection == wanted);
    if collection.is_none() {
        found.add(
            place.clone(),
            match only {
                true => format!("{} has several collections of items", node.idname),
                false => format!("{} has no collection {}", node.idname, quoted(wanted)),
            },
        );
        found.suggest(format!("\"collection\": one of {}", listed(names())));
    }
    collection
}

/// Items of some collections have names, each its own, and those of others are numbered.
fn named<'a>(
    collection: &'a Collection,
    item: &'a Item,
    names: &mut HashSet<(&'a str, &'a str)>,
    place: &Location,
    found: &mut Found,
) {
    match (collection.named, item.name.is_empty()) {
        (true, true) => {
            found.add(place.clone(), "the item has no name");
            found.suggest("\"name\": what its sockets are called");
        }
        (false, false) => {
            found.add(place.clone(), "these items are numbered, and have no names");
            found.suggest("leave the name out");
        }
        (true, false) if !names.insert((&collection.collection, &item.name)) => {
            found.add(place.clone(), "another item has this name already");
            found.suggest("give each a name of its own");
        }
        (true, false) => {
            if let Some(why) = wrong_name(&item.name) {
                found.add(place.clone(), why);
                found.suggest("a shorter, plain one");
            }
        }
        (false, true) => {}
    }
}

fn typed(collection: &Collection, item: &Item, place: Location, found: &mut Found) {
    let types = || listed(collection.types.keys().map(String::as_str));
    match (&item.idname, &collection.type_from) {
        (None, Some(_)) => {}
        (Some(_), Some(property)) => {
            found.add(place, "these items have no type of their own");
            found.suggest(format!("leave it out: {property} decides it"));
        }
        (Some(idname), None) if !collection.types.contains_key(idname) => {
            found.add(place, format!("an item cannot be a {}", quoted(idname)));
            found.suggest(format!("there are: {}", types()));
        }
        (None, None) => {
            found.add(place, "the item has no type");
            found.suggest(format!("\"type\": one of {}", types()));
        }
        (Some(_), None) => {}
    }
}
