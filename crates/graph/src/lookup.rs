//! Finds the node type that a name means. A name that is only similar is never accepted: `suggest_types` lists those.

use crate::aliases::ALIASES;
use crate::catalogue::{Catalogue, NodeType};
use crate::names::{normalize, short_name};
use crate::suggest::suggest_names;

/// The result of a lookup.
#[derive(Clone, Debug)]
pub enum Lookup<'c> {
    /// Exactly this type.
    One(&'c NodeType),
    /// Several types have this name.
    Several(Vec<&'c NodeType>),
    /// No type has this name.
    None,
}

impl<'c> Lookup<'c> {
    fn from_types(mut types: Vec<&'c NodeType>) -> Self {
        match types.len() {
            0 => Lookup::None,
            1 => types.pop().map_or(Lookup::None, Lookup::One),
            _ => Lookup::Several(types),
        }
    }
}

/// Finds a type by identifier, else by alias, else by identifier without prefix or with another one, else by label.
/// Stops at the first step that finds a type, also if it finds several.
pub fn lookup<'c>(catalogue: &'c Catalogue, name: &str) -> Lookup<'c> {
    if let Some(node_type) = catalogue.get(name) {
        return Lookup::One(node_type);
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    if let Some(node_type) = alias.and_then(|(_, identifier)| catalogue.get(identifier)) {
        return Lookup::One(node_type);
    }
    if normalize(name).is_empty() {
        return Lookup::None;
    }
    let by_name = catalogue.types_by_short_name(&normalize(short_name(name)));
    match by_name.as_slice() {
        [] => Lookup::from_types(catalogue.types_by_label(&normalize(name))),
        _ => Lookup::from_types(by_name),
    }
}

/// Returns identifiers of types whose name is similar.
pub fn suggest_types(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let wanted = short_name(name);
    let short_names = catalogue.nodes.iter().map(|it| short_name(&it.identifier));
    let labels = catalogue.nodes.iter().map(|it| it.label.as_str());
    let similar = suggest_names(wanted, short_names.chain(labels));
    let type_of = |name: &&str| {
        catalogue
            .nodes
            .iter()
            .find(|it| short_name(&it.identifier) == *name || it.label == *name)
    };
    let mut identifiers: Vec<String> = Vec::new();
    for node_type in similar.iter().filter_map(type_of) {
        if !identifiers.contains(&node_type.identifier) {
            identifiers.push(node_type.identifier.clone());
        }
    }
    identifiers
}
