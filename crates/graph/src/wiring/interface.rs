//! The group's inputs and outputs: as they are declared, or concluded from what is linked to Group Input and Group Output.

use std::collections::HashSet;

use super::reroute::Chains;
use super::{GEOMETRY, GROUP_INPUT, GROUP_OUTPUT, Slot, Wiring};
use crate::catalogue::{Input, Output};
use crate::limits;
use crate::model::{Socket, Value};

impl<'g> Wiring<'g> {
    /// Finds the interface, and gives Group Inputs and Group Outputs their sockets.
    pub(super) fn conclude_interface(&mut self, chains: &Chains<'g>) {
        self.inputs = match &self.graph.inputs {
            Some(inputs) => inputs.clone(),
            None => self.concluded_inputs(chains),
        };
        for shape in self.shapes.iter_mut().filter(|it| it.is(GROUP_INPUT)) {
            shape.outputs = self.inputs.iter().map(output).collect();
        }
        self.outputs = match &self.graph.outputs {
            Some(outputs) => outputs.clone(),
            None => self.concluded_outputs(chains),
        };
        for shape in self.shapes.iter_mut().filter(|it| it.is(GROUP_OUTPUT)) {
            shape.inputs = self.outputs.iter().map(input).collect();
        }
    }

    /// An input for each name that a Group Input's links use, of the type of what they lead to.
    fn concluded_inputs(&self, chains: &Chains<'g>) -> Vec<Socket> {
        let links = self.graph.links.iter();
        let links = links.filter(|link| self.is(&link.from.node, GROUP_INPUT));
        concluded(links.filter_map(|link| {
            let input = self.arriving(self.target(link, chains)?)?;
            // A menu of the group is one of the items of the menu that it leads to: the first, as Blender has it.
            let item = input.menu.as_ref().and_then(|items| items.first());
            Some(Socket {
                name: link.from.socket.clone(),
                idname: input.idname.clone(),
                default: item.cloned().map(Value::Text),
                ..Socket::default()
            })
        }))
    }

    /// An output for each name that a Group Output's links use, of the type of what they come from.
    fn concluded_outputs(&self, chains: &Chains<'g>) -> Vec<Socket> {
        let links = self.graph.links.iter();
        let links = links.filter(|link| self.is(&link.to.node, GROUP_OUTPUT));
        concluded(links.filter_map(|link| {
            let idname = self.leaving(self.origin(link, chains)?)?;
            Some(Socket {
                name: link.to.socket.clone(),
                idname: idname.to_owned(),
                ..Socket::default()
            })
        }))
    }

    fn is(&self, id: &str, identifier: &str) -> bool {
        self.node(id).is_some_and(|(_, shape)| shape.is(identifier))
    }
}

/// A socket for each name, in the order of the links.
fn concluded(found: impl Iterator<Item = Socket>) -> Vec<Socket> {
    let mut seen = HashSet::new();
    let new = found.filter(|socket| seen.insert(socket.name.clone()));
    // The links of more have no socket then, which is told.
    let new = new.take(limits::SOCKETS);
    // A modifier gives its geometry to the first input, and takes it from the first output.
    let (mut sockets, others): (Vec<_>, Vec<_>) = new.partition(|it| it.idname == GEOMETRY);
    sockets.extend(others);
    sockets
}

fn output<'c>(socket: &Socket) -> Slot<'c, Output> {
    Slot::Made(Box::new(Output {
        name: socket.name.clone(),
        identifier: socket.name.clone(),
        idname: socket.idname.clone(),
        ..Output::default()
    }))
}

fn input<'c>(socket: &Socket) -> Slot<'c, Input> {
    Slot::Made(Box::new(Input {
        name: socket.name.clone(),
        identifier: socket.name.clone(),
        idname: socket.idname.clone(),
        supports_field: true,
        supports_grid: true,
        ..Input::default()
    }))
}
