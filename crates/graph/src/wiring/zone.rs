//! Zones: which nodes are the two halves of one.

use super::Wiring;
use crate::catalogue::Side;

impl Wiring<'_> {
    /// The halves of each zone that is paired as it should be: input and output node.
    pub fn zones(&self) -> Vec<(usize, usize)> {
        let nodes = self.nodes().enumerate();
        nodes
            .filter_map(|(input, (node, shape))| {
                let zone = shape.kind?.zone.as_ref()?;
                let output = self.place(node.pair.as_deref()?)?;
                let fits = zone.side == Side::Input && self.shapes.get(output)?.is(&zone.partner);
                fits.then_some((input, output))
            })
            .collect()
    }
}
