//! Zones come in pairs, one lies in another or beside it, and what is in one is linked to the outside through its output.

use std::collections::HashMap;

use super::{Found, of_link, of_node};
use crate::catalogue::Side;
use crate::diagnostic::quoted;
use crate::location::Location;
use crate::wiring::{GROUP_OUTPUT, Wiring};

/// Zones of a graph at most: what is in which is found by going through all nodes for each, and for each two of them.
const MOST: usize = 200;

pub(super) fn check(wiring: &Wiring, found: &mut Found) {
    pairs(wiring, found);
    if wiring.zones().len() > MOST {
        found.add(Location::default(), format!("more than {MOST} zones"));
        found.suggest("make a group of its own of some of them");
        return;
    }
    let zones = inside(wiring);
    leaks(wiring, &zones, found);
    overlaps(wiring, &zones, found);
}

/// Each half has the other.
fn pairs(wiring: &Wiring, found: &mut Found) {
    let mut paired: HashMap<&str, &str> = HashMap::new();
    for (node, shape) in wiring.nodes() {
        let zone = shape.kind.and_then(|kind| kind.zone.as_ref());
        let zone = zone.filter(|zone| zone.side == Side::Input);
        let (Some(zone), pair) = (zone, node.pair.as_deref()) else {
            if node.pair.is_some() && shape.kind.is_some() {
                found.add(
                    of_node(node).key("pair"),
                    "only the input of a zone names its pair",
                );
                found.suggest("leave it out");
            }
            continue;
        };
        let Some(pair) = pair else {
            found.add(of_node(node), "it has no output to pair with");
            found.suggest(format!("\"pair\": the id of a {}", zone.partner));
            continue;
        };
        match wiring.node(pair) {
            Some((other, _)) if other.idname == zone.partner => {
                if let Some(first) = paired.insert(pair, &node.id) {
                    let message = format!("{first} is paired with {} already", quoted(pair));
                    found.add(of_node(node).key("pair"), message);
                    found.suggest(format!("a {} for each", zone.partner));
                }
            }
            _ => {
                let message = format!("{} is no {}", quoted(pair), zone.partner);
                found.add(of_node(node).key("pair"), message);
                found.suggest(format!("the id of a {}", zone.partner));
            }
        }
    }
    for (node, shape) in wiring.nodes() {
        let zone = shape.kind.and_then(|kind| kind.zone.as_ref());
        if let Some(zone) = zone.filter(|zone| zone.side == Side::Output)
            && !paired.contains_key(node.id.as_str())
        {
            found.add(of_node(node), "no input is paired with it");
            found.suggest(format!(
                "a {} with \"pair\": {}",
                zone.partner,
                quoted(&node.id)
            ));
        }
    }
}

/// A zone, and for each node whether it is in it and whether it comes after it.
struct Inside {
    input: usize,
    output: usize,
    within: Vec<bool>,
    after: Vec<bool>,
}

impl Inside {
    fn has(&self, node: usize) -> bool {
        self.within.get(node).copied().unwrap_or_default()
    }

    fn is_before(&self, node: usize) -> bool {
        self.after.get(node).copied().unwrap_or_default()
    }

    fn count(&self) -> usize {
        self.within.iter().filter(|within| **within).count()
    }
}

/// In a zone is what depends on its input, and not on its output.
fn inside(wiring: &Wiring) -> Vec<Inside> {
    let zones = wiring.zones();
    let edges = wiring.edges();
    let each = |(input, output): (usize, usize)| {
        let reached = edges.reached(input, Some(output));
        let mut after = edges.reached(output, None);
        if let Some(own) = after.get_mut(output) {
            *own = false;
        }
        let mut within: Vec<bool> = reached
            .iter()
            .zip(&after)
            .map(|(in_it, after)| *in_it && !*after)
            .collect();
        if let Some(own) = within.get_mut(output) {
            *own = true;
        }
        Inside {
            input,
            output,
            within,
            after,
        }
    };
    zones.into_iter().map(each).collect()
}

/// Links that leave a zone past its output, and group outputs in it.
fn leaks(wiring: &Wiring, zones: &[Inside], found: &mut Found) {
    for zone in zones {
        for (index, link) in wiring.graph.links.iter().enumerate() {
            let ends = wiring
                .place(&link.from.node)
                .zip(wiring.place(&link.to.node));
            let Some((from, to)) = ends else { continue };
            if from != zone.output && zone.has(from) && zone.is_before(to) {
                found.add(
                    of_link(index, link),
                    "it leads out of a zone past the zone's output",
                );
                found
                    .suggest("carry it as an item of the zone, and link it from the zone's output");
            }
        }
        for (place, (node, shape)) in wiring.nodes().enumerate() {
            if zone.has(place) && shape.is(GROUP_OUTPUT) {
                found.add(of_node(node), "a Group Output is in a zone");
                found.suggest("link it from the zone's output alone");
            }
        }
    }
}

/// Zones that are neither beside nor in one another.
fn overlaps(wiring: &Wiring, zones: &[Inside], found: &mut Found) {
    for (number, one) in zones.iter().enumerate() {
        for other in zones.iter().skip(number + 1) {
            let shared = one
                .within
                .iter()
                .zip(&other.within)
                .filter(|(a, b)| **a && **b)
                .count();
            if shared == 0 || shared == one.count().min(other.count()) {
                continue;
            }
            let ids = |zone: &Inside| {
                let nodes = &wiring.graph.nodes;
                let id = |place: usize| nodes.get(place).map(|node| node.id.as_str());
                let (input, output) = (id(zone.input), id(zone.output));
                format!(
                    "{} to {}",
                    input.unwrap_or_default(),
                    output.unwrap_or_default()
                )
            };
            if let Some(node) = wiring.graph.nodes.get(other.input) {
                let message = format!("the zones {} and {} overlap", ids(one), ids(other));
                found.add(of_node(node), message);
                found.suggest("put one of them whole into the other, or beside it");
            }
        }
    }
}
