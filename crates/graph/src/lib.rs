//! Geometry-node graphs: sketched in Mermaid or written as `graph_json`, checked against the node catalogue of a version
//! of Blender, corrected, laid out and drawn.
//!
//! Pure: texts in, texts out. A text becomes a [`Graph`]; a graph and a [`Catalogue`] become a [`Wiring`], which is what the
//! graph means in that Blender; the rules look at the wiring; a [`Report`] says what came of it.

mod aliases;
mod canonical;
pub mod catalogue;
mod convert;
mod diagnostic;
pub mod fix;
pub mod frames;
pub mod json;
mod keywords;
mod layout;
mod limits;
mod lookup;
pub mod mermaid;
pub mod model;
mod near;
mod order;
mod place;
mod report;
pub mod rules;
mod search;
mod svg;
mod takes;
pub mod wiring;

pub use canonical::canonical;
pub use catalogue::{Catalogue, CatalogueError};
pub use diagnostic::Diagnostic;
pub use layout::{Area, Layout, arranged, layout};
pub use lookup::{Lookup, lookup, near, short};
pub use model::Graph;
pub use place::{Place, Position, Subject, excerpt};
pub use report::{Report, Status};
pub use search::search;
pub use svg::svg;
pub use wiring::Wiring;

/// Bytes of the longest text that is read: who reads one from a file need not read more.
pub const LONGEST: usize = limits::BYTES;

/// Reads a graph: `graph_json` where the text begins with a brace, else a sketch. The error is everything that is wrong
/// with the form of the text.
pub fn read(bytes: &[u8], catalogue: &Catalogue) -> Result<Graph, Vec<Diagnostic>> {
    match bytes.trim_ascii_start().first() {
        Some(b'{') => json::read(bytes),
        _ => mermaid::read(bytes, catalogue),
    }
}

/// Reads a text and runs the whole checklist once.
pub fn check(bytes: &[u8], catalogue: &Catalogue) -> Report {
    match read(bytes, catalogue) {
        Ok(graph) => Report::of(&graph, catalogue),
        Err(errors) => Report::unreadable(errors),
    }
}
