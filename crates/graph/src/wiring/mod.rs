//! Resolves a graph for one version of Blender: the sockets of each node, the ends of each link, the group's interface.
//!
//! This module reports no errors. An unknown name resolves to `None`, and the rules report it.

mod field_propagation;
mod graph;
mod interface;
mod items;
mod node;
mod reroute;
mod resolve;
mod setting;
mod socket_name;
mod zone;

pub use field_propagation::FieldStructure;
pub use graph::{Port, Wire, Wiring};
pub use node::{ResolvedNode, Slot};
pub use setting::SettingTarget;
pub use socket_name::{Named, find_socket, socket_reference};
