//! Sketches: a subset of Mermaid's `flowchart LR`, described in `docs/graphs.md`.

mod line;
mod meant;
mod notes;
mod read;
mod text;
mod write;

pub use read::read;
pub(crate) use write::hex;
pub use write::write;
