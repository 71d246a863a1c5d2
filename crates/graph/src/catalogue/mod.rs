//! The node types of a version of Blender, and the pairs of socket types that can be linked. That Blender generates
//! both; this module reads them.

mod compat;
mod embedded;
mod error;
mod index;
mod read;
mod types;

pub use compat::Compat;
pub use embedded::{VERSIONS, embedded, shared, version_index};
pub use error::CatalogueError;
pub use index::Catalogue;
pub use types::{
    Collection, FieldRule, Input, ItemSocket, NodeType, Output, Property, PropertyKind, Side,
    VariantSet, Variants, Zone, ZoneHalf,
};
