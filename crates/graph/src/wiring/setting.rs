//! What a key of `node_settings` means.

use super::{Shape, find};
use crate::takes::Takes;

/// What a key of `node_settings` means on a node, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meant {
    /// A property of its type.
    Property(usize),
    /// The value of an input while nothing is linked to it.
    Input(usize),
    /// The value of an output that holds the node's value.
    Output(usize),
}

impl<'c> Shape<'c> {
    /// A property by its identifier, else an input, else an output.
    pub fn meant(&self, key: &str) -> Option<Meant> {
        let properties = self.kind.map(|kind| kind.properties.iter());
        let property = properties.and_then(|mut it| it.position(|it| it.identifier == key));
        let output = || {
            let place = find(&self.outputs, key)?;
            let holds = self.outputs.get(place)?.default.is_some();
            holds.then_some(Meant::Output(place))
        };
        let input = || find(&self.inputs, key).map(Meant::Input);
        property.map(Meant::Property).or_else(input).or_else(output)
    }

    /// What may be set there.
    pub fn takes(&self, meant: Meant) -> Option<Takes<'_>> {
        match meant {
            Meant::Property(place) => {
                let property = self.kind.and_then(|kind| kind.properties.get(place));
                property.map(Takes::property)
            }
            Meant::Input(place) => self.inputs.get(place).map(|it| Takes::input(it)),
            Meant::Output(place) => self.outputs.get(place).map(|it| Takes::output(it)),
        }
    }
}
