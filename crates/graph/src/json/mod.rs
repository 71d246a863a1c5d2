//! Reads `graph_json` from people and agents, and writes it in one fixed form.

mod fields;
mod loose;
mod parts;
mod read;
mod tree;
mod write;

pub(crate) use loose::read_loose;
pub use read::read;
pub(crate) use read::{read_frame_note, read_graph_note, read_node_note};
pub(crate) use tree::{Json, decode_utf8, parse_at};
pub(crate) use write::{SettingsMap, to_line};
pub use write::{compact, pretty};
