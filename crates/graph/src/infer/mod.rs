//! Completes drafts: infers what a loosely written graph leaves out, where only one meaning is possible.
//!
//! Each inference is a pure function in a module of its own. It returns steps, each with the reason for the list of
//! corrections, and questions with the choices where several meanings are possible.

mod candidates;
mod captured_items;
mod convert_value;
mod data_types;
mod ends;
mod generic_values;
mod group_ends;
mod group_output;
mod ids;
mod linked_types;
mod missing_nodes;
mod node_names;
mod node_types;
mod open_link;
mod operands;
mod operations;
mod plan;
mod run;
mod socket_names;
mod value_targets;
mod values;
mod words;
mod zone_items;
mod zone_pairs;

pub(crate) use run::{infer, infer_data_types};
