//! The group's inputs and outputs: declared, or inferred from the links of Group Input and Group Output.

use std::collections::HashSet;

use super::graph::Wiring;
use super::node::Slot;
use super::reroute::RerouteChains;
use crate::catalogue::{Input, Output};
use crate::idnames::{GEOMETRY, GROUP_INPUT, GROUP_OUTPUT};
use crate::limits;
use crate::model::{Socket, Value};

impl<'g> Wiring<'g> {
    /// Sets the interface, and the sockets of Group Inputs and Group Outputs.
    pub(super) fn resolve_interface(&mut self, chains: &RerouteChains<'g>) {
        self.inputs = match &self.graph.inputs {
            Some(inputs) => inputs.clone(),
            None => self.infer_inputs(chains),
        };
        for node in self
            .resolved
            .iter_mut()
            .filter(|it| it.has_type(GROUP_INPUT))
        {
            node.outputs = self.inputs.iter().map(group_input_socket).collect();
        }
        self.outputs = match &self.graph.outputs {
            Some(outputs) => outputs.clone(),
            None => self.infer_outputs(chains),
        };
        for node in self
            .resolved
            .iter_mut()
            .filter(|it| it.has_type(GROUP_OUTPUT))
        {
            node.inputs = self.outputs.iter().map(group_output_socket).collect();
        }
    }

    /// Infers an input for each name in the links of Group Inputs. Its type is that of the input at the other end.
    fn infer_inputs(&self, chains: &RerouteChains<'g>) -> Vec<Socket> {
        let links = self.graph.links.iter();
        let links = links.filter(|link| self.has_type(&link.from.node, GROUP_INPUT));
        unique_sockets(links.filter_map(|link| {
            let input = self.linked_input(self.target(link, chains)?)?;
            // Like Blender, a menu of the group starts with the first item of the menu that it is linked to.
            let item = input.menu.as_ref().and_then(|items| items.first());
            Some(Socket {
                name: link.from.socket.clone(),
                idname: input.idname.clone(),
                default: item.cloned().map(Value::Text),
                ..Socket::default()
            })
        }))
    }

    /// Infers an output for each name in the links of Group Outputs. Its type is that of the output at the other end.
    fn infer_outputs(&self, chains: &RerouteChains<'g>) -> Vec<Socket> {
        let links = self.graph.links.iter();
        let links = links.filter(|link| self.has_type(&link.to.node, GROUP_OUTPUT));
        unique_sockets(links.filter_map(|link| {
            let idname = self.output_type(self.origin(link, chains)?)?;
            Some(Socket {
                name: link.to.socket.clone(),
                idname: idname.to_owned(),
                ..Socket::default()
            })
        }))
    }

    fn has_type(&self, id: &str, identifier: &str) -> bool {
        self.node(id)
            .is_some_and(|(_, resolved)| resolved.has_type(identifier))
    }
}

/// Keeps the first socket of each name, in the order of the links, with geometries first.
fn unique_sockets(found: impl Iterator<Item = Socket>) -> Vec<Socket> {
    let mut seen = HashSet::new();
    let new = found.filter(|socket| seen.insert(socket.name.clone()));
    // Links of further names find no socket, and the rule `sockets` reports them.
    let new = new.take(limits::SOCKETS);
    // A modifier passes its geometry to the first input, and takes it from the first output.
    let (mut sockets, others): (Vec<_>, Vec<_>) = new.partition(|it| it.idname == GEOMETRY);
    sockets.extend(others);
    sockets
}

fn group_input_socket<'c>(socket: &Socket) -> Slot<'c, Output> {
    Slot::Made(Box::new(Output {
        name: socket.name.clone(),
        identifier: socket.name.clone(),
        idname: socket.idname.clone(),
        ..Output::default()
    }))
}

fn group_output_socket<'c>(socket: &Socket) -> Slot<'c, Input> {
    Slot::Made(Box::new(Input {
        name: socket.name.clone(),
        identifier: socket.name.clone(),
        idname: socket.idname.clone(),
        supports_field: true,
        supports_grid: true,
        ..Input::default()
    }))
}
