//! Reads a generated catalogue, and refuses one that contradicts itself.

use std::collections::HashMap;

use serde::Deserialize;

use super::compat::Compat;
use super::error::CatalogueError;
use super::index::Catalogue;
use super::types::{NodeType, VariantSet, Variants};
use crate::model::Value;
use crate::names::{normalize, short_name};

/// The version of the file format that this program reads.
const FORMAT: u32 = 1;

/// The content of `nodes.json`.
#[derive(Deserialize)]
struct NodesFile {
    format: u32,
    blender: String,
    nodes: Vec<NodeType>,
    #[serde(default)]
    geometry_first: Vec<String>,
    field_types: Vec<String>,
}

impl Catalogue {
    /// Reads the texts of `nodes.json` and `socket_compat.csv`.
    pub fn read(nodes: &str, compat: &str) -> Result<Self, CatalogueError> {
        let file = parse(nodes)?;
        let mut catalogue = Catalogue {
            blender: file.blender,
            nodes: file.nodes,
            geometry_first: file.geometry_first,
            field_types: file.field_types,
            compat: Compat::read(compat)?,
            by_identifier: HashMap::new(),
            by_short_name: HashMap::new(),
            by_label: HashMap::new(),
        };
        catalogue.index_variants()?;
        catalogue.index_names()?;
        catalogue.check_zones()?;
        Ok(catalogue)
    }

    /// Checks the variants of each type, and indexes them by their values.
    fn index_variants(&mut self) -> Result<(), CatalogueError> {
        for node_type in &mut self.nodes {
            let (inputs, outputs) = (node_type.inputs.len(), node_type.outputs.len());
            let Some(variants) = &mut node_type.variants else {
                continue;
            };
            let count = variants.by.len();
            let is_valid = |set: &VariantSet| {
                set.inputs.iter().all(|index| *index < inputs)
                    && set.outputs.iter().all(|index| *index < outputs)
                    && set.when.iter().all(|values| values.len() == count)
            };
            if !variants.sets.iter().all(is_valid) {
                let message = "a variant names a socket or property that is not there";
                return Err(type_error(&node_type.identifier, message));
            }
            variants.index = sets_by_values(variants);
        }
        Ok(())
    }

    fn index_names(&mut self) -> Result<(), CatalogueError> {
        for (index, node_type) in self.nodes.iter().enumerate() {
            let NodeType {
                identifier, label, ..
            } = node_type;
            let short = normalize(short_name(identifier));
            self.by_short_name.entry(short).or_default().push(index);
            let label = normalize(label);
            self.by_label.entry(label).or_default().push(index);
            let previous = self.by_identifier.insert(identifier.clone(), index);
            if previous.is_some() {
                return Err(type_error(identifier, "the type is listed twice"));
            }
        }
        Ok(())
    }

    /// Checks that both types of each zone are listed.
    fn check_zones(&self) -> Result<(), CatalogueError> {
        let without_partner = self.nodes.iter().find(|node_type| {
            let partner = node_type.zone.as_ref().map(|zone| &zone.partner);
            partner.is_some_and(|partner| !self.by_identifier.contains_key(partner))
        });
        match without_partner {
            None => Ok(()),
            Some(node_type) => Err(type_error(
                &node_type.identifier,
                "the other type of its zone is missing",
            )),
        }
    }
}

fn parse(nodes: &str) -> Result<NodesFile, CatalogueError> {
    let invalid = |error: serde_json::Error| CatalogueError::new("nodes.json", error.to_string());
    let file: NodesFile = serde_json::from_str(nodes).map_err(invalid)?;
    match file.format {
        FORMAT => Ok(file),
        other => {
            let message = format!("has format {other}; this program reads format {FORMAT}");
            Err(CatalogueError::new("nodes.json", message))
        }
    }
}

fn type_error(identifier: &str, message: &str) -> CatalogueError {
    CatalogueError::new(format!("nodes.json: {identifier}"), message)
}

/// Maps each combination of values to the index of its set.
fn sets_by_values(variants: &Variants) -> HashMap<Vec<String>, usize> {
    let combinations = |(index, set): (usize, &VariantSet)| {
        let tokens = |values: &Vec<Value>| values.iter().map(Value::token).collect::<Vec<_>>();
        set.when
            .iter()
            .map(|values| (tokens(values), index))
            .collect::<Vec<_>>()
    };
    variants
        .sets
        .iter()
        .enumerate()
        .flat_map(combinations)
        .collect()
}
