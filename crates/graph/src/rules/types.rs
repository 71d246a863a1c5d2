//! Each node has a type that exists in the geometry node editor of that version of Blender.

use super::violations::Violations;
use crate::diagnostic::{name_list, quote};
use crate::lookup::{Lookup, lookup, suggest_types};
use crate::model::Node;
use crate::wiring::Wiring;

/// Prefixes of types that belong to other node trees, and the names of those trees.
const OTHER_TREES: &[(&str, &str)] = &[
    ("ShaderNode", "a material's node tree"),
    ("CompositorNode", "the compositor"),
    ("TextureNode", "a texture's node tree"),
];

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        if resolved.node_type.is_none() {
            report(wiring, node, violations);
        }
    }
}

fn report(wiring: &Wiring, node: &Node, violations: &mut Violations) {
    let catalogue = wiring.catalogue;
    let name = quote(&node.idname);
    let can_search = violations.can_search_names();
    let version = catalogue.version();
    violations.add(
        node.location(),
        format!("Blender {version} has no type {name}"),
    );
    if !can_search {
        return;
    }
    match lookup(catalogue, &node.idname) {
        Lookup::One(node_type) => violations.suggest(node_type.identifier.clone()),
        Lookup::Several(kinds) => {
            let names = kinds.iter().map(|node_type| node_type.identifier.as_str());
            violations.suggest(format!("one of: {}", name_list(names)));
        }
        Lookup::None => {
            let other_tree = OTHER_TREES
                .iter()
                .find(|(prefix, _)| node.idname.starts_with(prefix));
            let similar = suggest_types(catalogue, &node.idname);
            match (other_tree, similar.is_empty()) {
                (_, false) => violations.suggest(format!("{}?", similar.join(", "))),
                (Some((_, tree)), true) => violations.suggest(format!("it belongs into {tree}")),
                (None, true) => violations
                    .suggest("search for a suitable type: vibesync graph query --search WORD"),
            }
        }
    }
}
