//! `graph_json`: what people and agents write, and the one form in which it is written back.

mod fields;
mod parts;
mod read;
mod tree;
mod write;

pub use read::read;
pub(crate) use read::{frame_note, graph_note, node_note};
pub(crate) use tree::{Json, parse_at, text};
pub(crate) use write::{Values, line};
pub use write::{compact, pretty};
