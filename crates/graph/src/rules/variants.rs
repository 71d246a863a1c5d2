//! Properties that decide about a node's sockets have values that Blender allows together.

use super::{Found, of_node};
use crate::wiring::{Shape, Wiring};

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    for (node, shape) in wiring.nodes() {
        let variants = shape.kind.and_then(|kind| kind.variants.as_ref());
        if let (Some(variants), Some(values)) = (variants, &shape.refused)
            && !is_set_wrongly(shape, &variants.by)
        {
            let pairs: Vec<String> = variants
                .by
                .iter()
                .zip(values)
                .map(|(name, value)| format!("{name} {value}"))
                .collect();
            let message = format!(
                "{} does not allow {} together",
                node.idname,
                pairs.join(", ")
            );
            found.add(of_node(node), message);
            if let Some(last) = variants.by.last() {
                found.suggest(format!("another {last}"));
            }
        }
    }
}

/// Whether a deciding property is set to what it cannot be, which the rule of settings tells.
fn is_set_wrongly(shape: &Shape, by: &[String]) -> bool {
    shape
        .settings
        .iter()
        .filter(|setting| by.contains(&setting.key))
        .any(|setting| {
            let takes = shape
                .meant(&setting.key)
                .and_then(|meant| shape.takes(meant));
            takes.is_some_and(|takes| takes.check(&setting.value).is_err())
        })
}
