//! Drafts: graphs as language models write them, with parts that are still to be inferred.
//!
//! A draft is read from a text in a loose form (`mermaid::read_loose`, `json::read_loose`). The inferences (`infer`)
//! complete it to a graph, or ask about it.

mod model;
mod numbers;
mod split;
mod values;

pub(crate) use model::{Draft, Label, Operation, Title};
pub(crate) use split::split_title;
pub(crate) use values::{DrawnValue, parse_values};
