//! Finds the two halves of each zone.

use std::collections::HashSet;

use super::graph::Wiring;
use crate::catalogue::Side;

impl Wiring<'_> {
    /// Returns input and output node of each zone that is paired correctly. If several inputs name one output, the
    /// first has it; the rule `zones` reports the others.
    pub fn zones(&self) -> Vec<(usize, usize)> {
        let mut paired_outputs = HashSet::new();
        let nodes = self.nodes().enumerate();
        nodes
            .filter_map(|(input, (node, resolved))| {
                let zone = resolved.node_type?.zone.as_ref()?;
                let output = self.node_index(node.pair.as_deref()?)?;
                let is_pair =
                    zone.side == Side::Input && self.resolved.get(output)?.has_type(&zone.partner);
                (is_pair && paired_outputs.insert(output)).then_some((input, output))
            })
            .collect()
    }
}
