//! Zones: which nodes are the two halves of one.

use std::collections::HashSet;

use super::Wiring;
use crate::catalogue::Side;

impl Wiring<'_> {
    /// The halves of each zone that is paired as it should be: input and output node. Of several inputs of one output the
    /// first has it; the rule of zones tells the others.
    pub fn zones(&self) -> Vec<(usize, usize)> {
        let mut taken = HashSet::new();
        let nodes = self.nodes().enumerate();
        nodes
            .filter_map(|(input, (node, shape))| {
                let zone = shape.kind?.zone.as_ref()?;
                let output = self.place(node.pair.as_deref()?)?;
                let fits = zone.side == Side::Input && self.shapes.get(output)?.is(&zone.partner);
                (fits && taken.insert(output)).then_some((input, output))
            })
            .collect()
    }
}
