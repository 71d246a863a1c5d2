//! The properties that decide about a node's sockets have a combination of values that Blender allows.

use super::violations::Violations;
use crate::wiring::{ResolvedNode, Wiring};

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        let variants = resolved
            .node_type
            .and_then(|node_type| node_type.variants.as_ref());
        if let (Some(variants), Some(values)) = (variants, &resolved.refused)
            && !has_invalid_setting(resolved, &variants.by)
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
            violations.add(node.location(), message);
            if let Some(last) = variants.by.last() {
                violations.suggest(format!("use another value for {last}"));
            }
        }
    }
}

/// Returns whether a deciding property has an invalid value, which the rule `settings` reports.
fn has_invalid_setting(resolved: &ResolvedNode, by: &[String]) -> bool {
    resolved
        .settings
        .iter()
        .filter(|setting| by.contains(&setting.key))
        .any(|setting| {
            let value_type = resolved
                .setting_target(&setting.key)
                .and_then(|target| resolved.value_type(target));
            value_type.is_some_and(|value_type| value_type.check(&setting.value).is_err())
        })
}
