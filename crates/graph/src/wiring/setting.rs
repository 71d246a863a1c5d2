//! Finds the property or socket that a key of `node_settings` means.

use super::node::ResolvedNode;
use super::socket_name::find_socket;
use crate::value_type::ValueType;

/// The target of a key of `node_settings` on a node, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SettingTarget {
    /// A property of the node type.
    Property(usize),
    /// The value of an input while nothing is linked to it.
    Input(usize),
    /// The value of an output that holds the node's value.
    Output(usize),
}

impl<'c> ResolvedNode<'c> {
    /// Finds a property by its identifier, else an input, else an output.
    pub fn setting_target(&self, key: &str) -> Option<SettingTarget> {
        let properties = self.node_type.map(|it| it.properties.iter());
        let property = properties.and_then(|mut it| it.position(|it| it.identifier == key));
        let input = || find_socket(&self.inputs, key).map(SettingTarget::Input);
        let output = || {
            let index = find_socket(&self.outputs, key)?;
            let holds_value = self.outputs.get(index)?.default.is_some();
            holds_value.then_some(SettingTarget::Output(index))
        };
        property
            .map(SettingTarget::Property)
            .or_else(input)
            .or_else(output)
    }

    /// Returns the values that a target accepts.
    pub fn value_type(&self, target: SettingTarget) -> Option<ValueType<'_>> {
        match target {
            SettingTarget::Property(index) => {
                let property = self.node_type.and_then(|it| it.properties.get(index));
                property.map(ValueType::of_property)
            }
            SettingTarget::Input(index) => self.inputs.get(index).map(|it| ValueType::of_input(it)),
            SettingTarget::Output(index) => {
                self.outputs.get(index).map(|it| ValueType::of_output(it))
            }
        }
    }
}
