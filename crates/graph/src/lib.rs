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
mod location;
mod lookup;
pub mod mermaid;
pub mod model;
mod order;
mod report;
pub mod rules;
mod search;
mod suggest;
mod svg;
mod takes;
pub mod wiring;

pub use canonical::canonical;
pub use catalogue::{Catalogue, CatalogueError};
pub use diagnostic::Diagnostic;
pub use layout::{Area, Layout, arrange, layout};
pub use location::{Location, Position, Subject, excerpt};
pub use lookup::{Lookup, lookup, short_name, suggest_types};
pub use model::Graph;
pub use report::{Report, Status};
pub use search::search;
pub use svg::svg;
pub use wiring::Wiring;

/// Bytes of the longest text that is read: who reads one from a file need not read more.
pub const MAX_TEXT_BYTES: usize = limits::BYTES;

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
        Ok(graph) => Report::for_graph(&graph, catalogue),
        Err(errors) => Report::unreadable(errors),
    }
}
