//! Zones have two paired nodes, do not overlap, and pass values to the outside only through their output.

use std::collections::HashMap;

use super::violations::Violations;
use super::zone_contents::{ZoneContents, zone_contents};
use crate::catalogue::Side;
use crate::diagnostic::quote;
use crate::idnames::GROUP_OUTPUT;
use crate::location::Location;
use crate::wiring::Wiring;

/// Most zones of a graph. The checks visit all nodes for each zone and for each pair of zones.
const MAX_ZONES: usize = 200;

pub(super) fn check(wiring: &Wiring, violations: &mut Violations) {
    let paired = check_inputs(wiring, violations);
    check_outputs(wiring, &paired, violations);
    if wiring.zones().len() > MAX_ZONES {
        violations.add(Location::default(), format!("more than {MAX_ZONES} zones"));
        violations.suggest("move some of them into a group of their own");
        return;
    }
    let zones = zone_contents(wiring);
    check_leaks(wiring, &zones, violations);
    check_overlaps(wiring, &zones, violations);
}

/// Checks that each input names an output of its own. Returns for each output, by id, its first input.
fn check_inputs<'g>(wiring: &Wiring<'g>, violations: &mut Violations) -> HashMap<&'g str, &'g str> {
    let mut paired: HashMap<&'g str, &'g str> = HashMap::new();
    for (node, resolved) in wiring.nodes() {
        let zone = resolved
            .node_type
            .and_then(|node_type| node_type.zone.as_ref());
        let zone = zone.filter(|zone| zone.side == Side::Input);
        let (Some(zone), pair) = (zone, node.pair.as_deref()) else {
            if node.pair.is_some() && resolved.node_type.is_some() {
                violations.add(
                    node.location().with_key("pair"),
                    "only the input of a zone can name a pair",
                );
                violations.suggest("leave out the pair");
            }
            continue;
        };
        let Some(pair) = pair else {
            violations.add(node.location(), "the zone has no output");
            violations.suggest(format!("add a \"pair\" with the id of a {}", zone.partner));
            continue;
        };
        match wiring.node(pair) {
            Some((other, _)) if other.idname == zone.partner => {
                if let Some(first) = paired.insert(pair, &node.id) {
                    let message = format!("{first} is already paired with {}", quote(pair));
                    violations.add(node.location().with_key("pair"), message);
                    violations.suggest(format!("add a {} for each", zone.partner));
                }
            }
            _ => {
                let message = format!("{} is not a {}", quote(pair), zone.partner);
                violations.add(node.location().with_key("pair"), message);
                violations.suggest(format!("write the id of a {}", zone.partner));
            }
        }
    }
    paired
}

/// Checks that each output has an input.
fn check_outputs(wiring: &Wiring, paired: &HashMap<&str, &str>, violations: &mut Violations) {
    for (node, resolved) in wiring.nodes() {
        let zone = resolved
            .node_type
            .and_then(|node_type| node_type.zone.as_ref());
        if let Some(zone) = zone.filter(|zone| zone.side == Side::Output)
            && !paired.contains_key(node.id.as_str())
        {
            violations.add(node.location(), "the zone has no input");
            violations.suggest(format!(
                "add a {} with \"pair\": {}",
                zone.partner,
                quote(&node.id)
            ));
        }
    }
}

/// Reports links that leave a zone past its output, and Group Outputs in a zone.
fn check_leaks(wiring: &Wiring, zones: &[ZoneContents], violations: &mut Violations) {
    for zone in zones {
        for (index, link) in wiring.graph.links.iter().enumerate() {
            let ends = wiring
                .node_index(&link.from.node)
                .zip(wiring.node_index(&link.to.node));
            let Some((from, to)) = ends else { continue };
            if from != zone.output && zone.has_node(from) && zone.is_before(to) {
                violations.add(
                    link.location(index),
                    "the link leaves a zone past the zone's output",
                );
                violations.suggest("add an item to the zone, and link from the zone's output");
            }
        }
        for (index, (node, resolved)) in wiring.nodes().enumerate() {
            if zone.has_node(index) && resolved.has_type(GROUP_OUTPUT) {
                violations.add(node.location(), "the Group Output is in a zone");
                violations.suggest("link only the zone's output to it");
            }
        }
    }
}

/// Reports zones that overlap: neither is inside the other, and they share nodes.
fn check_overlaps(wiring: &Wiring, zones: &[ZoneContents], violations: &mut Violations) {
    for (number, one) in zones.iter().enumerate() {
        for other in zones.iter().skip(number + 1) {
            let shared = one
                .contains
                .iter()
                .zip(&other.contains)
                .filter(|(a, b)| **a && **b)
                .count();
            if shared == 0 || shared == one.node_count().min(other.node_count()) {
                continue;
            }
            let ids = |zone: &ZoneContents| {
                let nodes = &wiring.graph.nodes;
                let id = |index: usize| nodes.get(index).map(|node| node.id.as_str());
                let (input, output) = (id(zone.input), id(zone.output));
                format!(
                    "{} to {}",
                    input.unwrap_or_default(),
                    output.unwrap_or_default()
                )
            };
            if let Some(node) = wiring.graph.nodes.get(other.input) {
                let message = format!("the zones {} and {} overlap", ids(one), ids(other));
                violations.add(node.location(), message);
                violations.suggest("put one zone completely inside the other, or beside it");
            }
        }
    }
}
