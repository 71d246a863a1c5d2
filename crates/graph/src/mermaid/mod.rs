//! Reads and writes sketches: a subset of Mermaid's `flowchart LR`, described in `docs/graphs.md`.

mod inference;
mod line;
mod loose;
mod notes;
mod read;
mod sketch;
mod text;
mod tokens;
mod write;
mod write_frames;
mod write_notes;

pub(crate) use loose::read_loose;
pub use read::read;
pub use write::write;
