//! What node types a version of Blender has, and which sockets fit: generated from that Blender, read here.

mod compat;
mod embedded;
mod read;
mod types;

use std::collections::HashMap;

pub use compat::Compat;
pub use embedded::{VERSIONS, embedded, shared, version_index};
pub use read::CatalogueError;
pub use types::{
    Collection, FieldOf, Input, Made, MadeOn, NodeType, Output, Property, PropertyKind, Side,
    VariantSet, Variants, Zone,
};

/// The node types and socket pairs of one version of Blender.
#[derive(Debug)]
pub struct Catalogue {
    /// The Blender that it was generated from: `4.5.15`.
    pub blender: String,
    /// All types, in the order of the file.
    pub nodes: Vec<NodeType>,
    /// Which socket types may be linked.
    pub compat: Compat,
    /// Types of group inputs that come first, or after a first one for geometry: a modifier reports an error otherwise.
    pub geometry_first: Vec<String>,
    /// Socket types whose values can be fields.
    pub field_types: Vec<String>,
    /// From an identifier to its place in `nodes`.
    index: HashMap<String, usize>,
    /// From an identifier without prefix, as names are compared, to places.
    shorts: HashMap<String, Vec<usize>>,
    /// From a label, as names are compared, to places.
    labels: HashMap<String, Vec<usize>>,
}

impl Catalogue {
    /// Reads a generated catalogue: the texts of `nodes.json` and `socket_compat.csv`.
    pub fn read(nodes: &str, compat: &str) -> Result<Self, CatalogueError> {
        read::read(nodes, compat)
    }

    /// The type of an identifier.
    pub fn get(&self, identifier: &str) -> Option<&NodeType> {
        self.nodes.get(*self.index.get(identifier)?)
    }

    /// The types whose identifiers, without prefix, are this key.
    pub(crate) fn named(&self, key: &str) -> Vec<&NodeType> {
        self.all(self.shorts.get(key))
    }

    /// The types whose labels are this key.
    pub(crate) fn labeled(&self, key: &str) -> Vec<&NodeType> {
        self.all(self.labels.get(key))
    }

    fn all(&self, places: Option<&Vec<usize>>) -> Vec<&NodeType> {
        let places = places.into_iter().flatten();
        places.filter_map(|place| self.nodes.get(*place)).collect()
    }

    /// Major and minor version: `4.5`.
    pub fn version(&self) -> &str {
        match self.blender.match_indices('.').nth(1) {
            Some((end, _)) => self.blender.get(..end).unwrap_or(&self.blender),
            None => &self.blender,
        }
    }
}
