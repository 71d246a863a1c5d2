//! Finds the nodes of each zone.

use crate::wiring::Wiring;

/// The nodes of a zone, and the nodes after it.
pub(super) struct ZoneContents {
    pub input: usize,
    pub output: usize,
    /// For each node: whether it is in the zone.
    pub contains: Vec<bool>,
    /// For each node: whether it depends on the output of the zone.
    after: Vec<bool>,
}

impl ZoneContents {
    pub fn has_node(&self, node: usize) -> bool {
        self.contains.get(node).copied().unwrap_or_default()
    }

    pub fn is_before(&self, node: usize) -> bool {
        self.after.get(node).copied().unwrap_or_default()
    }

    pub fn node_count(&self) -> usize {
        self.contains.iter().filter(|is_inside| **is_inside).count()
    }
}

/// Returns the contents of each zone: the nodes that depend on its input, and not on its output.
pub(super) fn zone_contents(wiring: &Wiring) -> Vec<ZoneContents> {
    let zones = wiring.zones();
    let edges = wiring.edges();
    let contents = |(input, output): (usize, usize)| {
        let reachable = edges.reachable(input, Some(output));
        let mut after = edges.reachable(output, None);
        if let Some(own) = after.get_mut(output) {
            *own = false;
        }
        let mut contains: Vec<bool> = reachable
            .iter()
            .zip(&after)
            .map(|(reachable, after)| *reachable && !*after)
            .collect();
        if let Some(own) = contains.get_mut(output) {
            *own = true;
        }
        ZoneContents {
            input,
            output,
            contains,
            after,
        }
    };
    zones.into_iter().map(contents).collect()
}
