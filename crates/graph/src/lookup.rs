//! Which type of node a name means. Never one that is merely alike: that is `near`'s, and is said as a question.

use crate::aliases::ALIASES;
use crate::catalogue::{Catalogue, NodeType};
use crate::suggest::{folded, suggest_names};

/// What a name means.
#[derive(Clone, Debug)]
pub enum Lookup<'c> {
    /// This type.
    One(&'c NodeType),
    /// Any of these.
    Several(Vec<&'c NodeType>),
    /// Nothing.
    None,
}

/// What identifiers begin with, longest first.
const PREFIXES: &[&str] = &["GeometryNode", "FunctionNode", "ShaderNode", "Node"];

/// An identifier without its prefix: `MeshCone`.
pub fn short_name(identifier: &str) -> &str {
    let cut = PREFIXES
        .iter()
        .find_map(|prefix| identifier.strip_prefix(prefix));
    cut.filter(|rest| !rest.is_empty()).unwrap_or(identifier)
}

/// What a name means: an identifier; an alias; an identifier without prefix, or with another one; a label. Where a step
/// finds several, the next ones are not tried.
pub fn lookup<'c>(catalogue: &'c Catalogue, name: &str) -> Lookup<'c> {
    if let Some(kind) = catalogue.get(name) {
        return Lookup::One(kind);
    }
    let alias = ALIASES.iter().find(|(alias, _)| *alias == name);
    if let Some(kind) = alias.and_then(|(_, identifier)| catalogue.get(identifier)) {
        return Lookup::One(kind);
    }
    if key(name).is_empty() {
        return Lookup::None;
    }
    let by_name = catalogue.named(&key(short_name(name)));
    match by_name.as_slice() {
        [] => of(catalogue.labeled(&key(name))),
        _ => of(by_name),
    }
}

fn of(mut kinds: Vec<&NodeType>) -> Lookup<'_> {
    match kinds.len() {
        0 => Lookup::None,
        1 => kinds.pop().map_or(Lookup::None, Lookup::One),
        _ => Lookup::Several(kinds),
    }
}

/// How a name is compared.
pub(crate) fn key(name: &str) -> String {
    folded(name).collect()
}

/// Identifiers that a name may have been meant for.
pub fn suggest_types(catalogue: &Catalogue, name: &str) -> Vec<String> {
    let wanted = short_name(name);
    let shorts = catalogue
        .nodes
        .iter()
        .map(|kind| short_name(&kind.identifier));
    let labels = catalogue.nodes.iter().map(|kind| kind.label.as_str());
    let found = suggest_names(wanted, shorts.chain(labels));
    let kind = |name: &&str| {
        catalogue
            .nodes
            .iter()
            .find(|kind| short_name(&kind.identifier) == *name || kind.label == *name)
    };
    let mut identifiers: Vec<String> = Vec::new();
    for kind in found.iter().filter_map(kind) {
        if !identifiers.contains(&kind.identifier) {
            identifiers.push(kind.identifier.clone());
        }
    }
    identifiers
}
