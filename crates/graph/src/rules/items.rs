//! Items are on nodes that can have items, with valid types and unique names.

use std::collections::HashSet;

use super::violations::{Violations, invalid_name};
use crate::catalogue::{Collection, NodeType};
use crate::diagnostic::{name_list, quote};
use crate::location::Location;
use crate::model::{Item, Node};
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        let (Some(items), Some(node_type)) = (&node.items, resolved.node_type) else {
            continue;
        };
        if node_type.items.is_empty() {
            violations.add(
                node.location().with_key("items"),
                format!("{} has no items", node.idname),
            );
            violations.suggest(match &node_type.zone {
                Some(zone) => format!("put them on its pair, a {}", zone.partner),
                None => "leave out the items".to_owned(),
            });
            continue;
        }
        let mut names = HashSet::new();
        for item in items {
            let location = node.location().with_key(item.name.clone()).at(item.at);
            if let Some(collection) = find_collection(node, node_type, item, &location, violations)
            {
                check_name(collection, item, &mut names, &location, violations);
                check_type(collection, item, location, violations);
            }
        }
    }
}

/// Returns the collection of an item, or reports that the node does not have it.
fn find_collection<'c>(
    node: &Node,
    node_type: &'c NodeType,
    item: &Item,
    location: &Location,
    violations: &mut Violations,
) -> Option<&'c Collection> {
    let names = || node_type.items.iter().map(|it| it.collection.as_str());
    let (wanted, is_ambiguous) = match (&item.collection, node_type.items.as_slice()) {
        (None, [only]) => return Some(only),
        (wanted, _) => (wanted.as_deref().unwrap_or_default(), wanted.is_none()),
    };
    let collection = node_type.items.iter().find(|it| it.collection == wanted);
    if collection.is_none() {
        violations.add(
            location.clone(),
            match is_ambiguous {
                true => format!("{} has several collections of items", node.idname),
                false => format!("{} has no collection {}", node.idname, quote(wanted)),
            },
        );
        violations.suggest(format!("\"collection\": one of {}", name_list(names())));
    }
    collection
}

/// Checks the name of an item: some collections need unique names, others are numbered.
fn check_name<'a>(
    collection: &'a Collection,
    item: &'a Item,
    names: &mut HashSet<(&'a str, &'a str)>,
    location: &Location,
    violations: &mut Violations,
) {
    match (collection.named, item.name.is_empty()) {
        (true, true) => {
            violations.add(location.clone(), "the item has no name");
            violations.suggest("add a \"name\" for its sockets");
        }
        (false, false) => {
            violations.add(
                location.clone(),
                "items of this collection are numbered and cannot have a name",
            );
            violations.suggest("leave out the name");
        }
        (true, false) if !names.insert((&collection.collection, &item.name)) => {
            violations.add(location.clone(), "another item already has this name");
            violations.suggest("give each item its own name");
        }
        (true, false) => {
            if let Some(reason) = invalid_name(&item.name) {
                violations.add(location.clone(), reason);
                violations.suggest("use a short name without control characters");
            }
        }
        (false, true) => {}
    }
}

fn check_type(
    collection: &Collection,
    item: &Item,
    location: Location,
    violations: &mut Violations,
) {
    let types = || name_list(collection.types.keys().map(String::as_str));
    match (&item.idname, &collection.type_from) {
        (None, Some(_)) => {}
        (Some(_), Some(property)) => {
            violations.add(location, "items of this collection cannot have a type");
            violations.suggest(format!(
                "leave out the type: the property {property} decides it"
            ));
        }
        (Some(idname), None) if !collection.types.contains_key(idname) => {
            violations.add(location, format!("an item cannot be a {}", quote(idname)));
            violations.suggest(format!("available: {}", types()));
        }
        (None, None) => {
            violations.add(location, "the item has no type");
            violations.suggest(format!("\"type\": one of {}", types()));
        }
        (Some(_), None) => {}
    }
}
