//! The catalogue of one version of Blender, with indices by identifier, short name and label.

use std::collections::HashMap;

use super::compat::Compat;
use super::types::NodeType;

/// The node types and socket pairs of one version of Blender.
#[derive(Debug)]
pub struct Catalogue {
    /// The version of Blender that generated it: `4.5.15`.
    pub blender: String,
    /// All node types, in the order of the file.
    pub nodes: Vec<NodeType>,
    /// Pairs of socket types that can be linked.
    pub compat: Compat,
    /// Types of group inputs that need a geometry before them: otherwise a modifier reports an error.
    pub geometry_first: Vec<String>,
    /// Socket types whose values can be fields.
    pub field_types: Vec<String>,
    /// From an identifier to its index in `nodes`.
    pub(super) by_identifier: HashMap<String, usize>,
    /// From a normalized identifier without prefix to indices in `nodes`.
    pub(super) by_short_name: HashMap<String, Vec<usize>>,
    /// From a normalized label to indices in `nodes`.
    pub(super) by_label: HashMap<String, Vec<usize>>,
}

impl Catalogue {
    /// Returns the type with this identifier.
    pub fn get(&self, identifier: &str) -> Option<&NodeType> {
        self.nodes.get(*self.by_identifier.get(identifier)?)
    }

    /// Returns the types whose normalized identifier, without prefix, is `key`.
    pub(crate) fn types_by_short_name(&self, key: &str) -> Vec<&NodeType> {
        self.types_at(self.by_short_name.get(key))
    }

    /// Returns the types whose normalized label is `key`.
    pub(crate) fn types_by_label(&self, key: &str) -> Vec<&NodeType> {
        self.types_at(self.by_label.get(key))
    }

    fn types_at(&self, indices: Option<&Vec<usize>>) -> Vec<&NodeType> {
        let indices = indices.into_iter().flatten();
        indices.filter_map(|index| self.nodes.get(*index)).collect()
    }

    /// Returns the major and minor version: `4.5`.
    pub fn version(&self) -> &str {
        match self.blender.match_indices('.').nth(1) {
            Some((end, _)) => self.blender.get(..end).unwrap_or(&self.blender),
            None => &self.blender,
        }
    }
}
