//! The group's inputs and outputs: as they are declared, or concluded from what is linked to Group Input and Group Output.

use std::collections::HashSet;

use super::reroute::Chains;
use super::{GEOMETRY, GROUP_INPUT, GROUP_OUTPUT, Slot, Wiring};
use crate::catalogue::{Input, Output};
use crate::model::Socket;

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
        concluded(links.map(|link| {
            let target = self.target(link, chains);
            (
                link.from.socket.as_str(),
                target.and_then(|link| self.arriving(link)),
            )
        }))
    }

    /// An output for each name that a Group Output's links use, of the type of what they come from.
    fn concluded_outputs(&self, chains: &Chains<'g>) -> Vec<Socket> {
        let links = self.graph.links.iter();
        let links = links.filter(|link| self.is(&link.to.node, GROUP_OUTPUT));
        concluded(links.map(|link| {
            let origin = self.origin(link, chains);
            (
                link.to.socket.as_str(),
                origin.and_then(|link| self.leaving(link)),
            )
        }))
    }

    fn is(&self, id: &str, identifier: &str) -> bool {
        self.node(id).is_some_and(|(_, shape)| shape.is(identifier))
    }
}

/// A socket for each name whose type is known, in the order of the links.
fn concluded<'a>(found: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Vec<Socket> {
    let mut seen = HashSet::new();
    let known = found.filter_map(|(name, idname)| Some((name, idname?)));
    let new = known.filter(|(name, _)| seen.insert(*name));
    // A modifier gives its geometry to the first input, and takes it from the first output.
    let (geometries, others): (Vec<_>, Vec<_>) = new.partition(|(_, idname)| *idname == GEOMETRY);
    let sockets = geometries.into_iter().chain(others);
    let socket = |(name, idname): (&str, &str)| Socket {
        name: name.to_owned(),
        idname: idname.to_owned(),
        ..Socket::default()
    };
    sockets.map(socket).collect()
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
