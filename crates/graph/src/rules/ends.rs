//! Links, settings and frames name nodes that exist.

use super::violations::Violations;
use crate::diagnostic::quote;
use crate::location::{Location, Subject};
use crate::suggest::suggest_names;
use crate::wiring::Wiring;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    for (index, link) in wiring.graph.links.iter().enumerate() {
        for id in [&link.from.node, &link.to.node] {
            check_node(wiring, id, || link.location(index), violations);
        }
    }
    for settings in &wiring.graph.settings {
        let location = || Location::from(Subject::Node(settings.node.clone())).at(settings.at);
        check_node(wiring, &settings.node, location, violations);
    }
    for frame in &wiring.graph.frames {
        for id in &frame.nodes {
            check_node(wiring, id, || frame.location(), violations);
        }
    }
}

fn check_node(
    wiring: &Wiring,
    id: &str,
    location: impl Fn() -> Location,
    violations: &mut Violations,
) {
    if wiring.node_index(id).is_some() {
        return;
    }
    let can_search = violations.can_search_names();
    violations.add(location(), format!("no node has the id {}", quote(id)));
    if can_search {
        let ids = wiring.graph.nodes.iter().map(|node| node.id.as_str());
        if let Some(similar) = suggest_names(id, ids).first() {
            violations.suggest(format!("{similar}?"));
        }
    }
}
