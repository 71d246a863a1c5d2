//! Every node's type is one of that version of Blender's geometry node editor.

use super::{Found, of_node};
use crate::diagnostic::{listed, quoted};
use crate::lookup::{Lookup, lookup, suggest_types};
use crate::model::Node;
use crate::wiring::Wiring;

/// What types begin with that belong to other editors, and what those are for.
const ELSEWHERE: &[(&str, &str)] = &[
    ("ShaderNode", "a material's node tree"),
    ("CompositorNode", "the compositor"),
    ("TextureNode", "a texture's node tree"),
];

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (node, shape) in wiring.nodes() {
        if shape.kind.is_none() {
            tell(wiring, node, found);
        }
    }
}

fn tell(wiring: &Wiring, node: &Node, found: &mut Found) {
    let catalogue = wiring.catalogue;
    let name = quoted(&node.idname);
    let may_search = found.may_search();
    let version = catalogue.version();
    found.add(
        of_node(node),
        format!("Blender {version} has no type {name}"),
    );
    if !may_search {
        return;
    }
    match lookup(catalogue, &node.idname) {
        Lookup::One(kind) => found.suggest(kind.identifier.clone()),
        Lookup::Several(kinds) => {
            let names = kinds.iter().map(|kind| kind.identifier.as_str());
            found.suggest(format!("one of: {}", listed(names)));
        }
        Lookup::None => {
            let elsewhere = ELSEWHERE
                .iter()
                .find(|(prefix, _)| node.idname.starts_with(prefix));
            let near = suggest_types(catalogue, &node.idname);
            match (elsewhere, near.is_empty()) {
                (_, false) => found.suggest(format!("{}?", near.join(", "))),
                (Some((_, place)), true) => found.suggest(format!("it belongs into {place}")),
                (None, true) => found
                    .suggest("search for what it should do: vibesync graph query --search WORD"),
            }
        }
    }
}
