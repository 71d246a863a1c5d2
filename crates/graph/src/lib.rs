//! Reads geometry-node graphs, checks them against the node types of a version of Blender, corrects, arranges and draws
//! them.
//!
//! A text (a sketch in Mermaid, or `graph_json`) becomes a [`Graph`]. A graph and a [`Catalogue`] become a [`Wiring`]: the
//! graph, resolved for that version of Blender. The rules check the wiring, and a [`Report`] holds the result. The crate
//! does no input or output, except that it embeds catalogues.

mod aliases;
mod canonical;
pub mod catalogue;
mod check;
mod color;
mod convert;
mod diagnostic;
mod digraph;
mod draft;
pub mod fix;
pub mod frames;
mod idnames;
mod infer;
pub mod json;
mod keywords;
mod layout;
mod limits;
mod location;
mod lookup;
pub mod mermaid;
pub mod model;
mod names;
mod report;
pub mod rules;
mod search;
mod suggest;
mod svg;
mod value_type;
pub mod wiring;

pub use canonical::canonical;
pub use catalogue::{Catalogue, CatalogueError};
pub use check::{MAX_TEXT_BYTES, check, read};
pub use diagnostic::Diagnostic;
pub use layout::{Area, Layout, arrange, layout};
pub use location::{Location, Position, Subject, excerpt};
pub use lookup::{Lookup, lookup, suggest_types};
pub use model::Graph;
pub use names::short_name;
pub use report::{Report, Status};
pub use search::search;
pub use svg::svg;
pub use wiring::Wiring;
