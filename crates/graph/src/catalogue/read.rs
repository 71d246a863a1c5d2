//! From the two texts of a catalogue to lookups, everything checked that the rest relies on.

use std::collections::HashMap;

use serde::Deserialize;

use super::{Catalogue, Compat, NodeType, VariantSet, Variants};
use crate::lookup::{key, short_name};
use crate::model::Value;

/// The format that is read.
const FORMAT: u32 = 1;

/// Why a catalogue was refused.
#[derive(Debug, thiserror::Error)]
#[error("{location}: {message}")]
pub struct CatalogueError {
    /// File, and the line or the node type.
    pub location: String,
    /// One sentence.
    pub message: String,
}

impl CatalogueError {
    fn new(location: impl Into<String>, message: impl Into<String>) -> Self {
        let (location, message) = (location.into(), message.into());
        Self { location, message }
    }
}

#[derive(Deserialize)]
struct File {
    format: u32,
    blender: String,
    nodes: Vec<NodeType>,
    #[serde(default)]
    geometry_first: Vec<String>,
    field_types: Vec<String>,
}

pub(super) fn read(nodes: &str, compat: &str) -> Result<Catalogue, CatalogueError> {
    let broken = |error: serde_json::Error| CatalogueError::new("nodes.json", error.to_string());
    let file: File = serde_json::from_str(nodes).map_err(broken)?;
    if file.format != FORMAT {
        let message = format!("has format {}, and {FORMAT} is read here", file.format);
        return Err(CatalogueError::new("nodes.json", message));
    }
    let mut catalogue = Catalogue {
        blender: file.blender,
        nodes: file.nodes,
        geometry_first: file.geometry_first,
        field_types: file.field_types,
        compat: Compat::read(compat)?,
        index: HashMap::new(),
        shorts: HashMap::new(),
        labels: HashMap::new(),
    };
    for (place, node) in catalogue.nodes.iter_mut().enumerate() {
        let refused =
            |message| CatalogueError::new(format!("nodes.json: {}", node.identifier), message);
        if let Some(variants) = &mut node.variants {
            let fits = |set: &VariantSet| {
                set.inputs.iter().all(|index| *index < node.inputs.len())
                    && set.outputs.iter().all(|index| *index < node.outputs.len())
                    && set
                        .when
                        .iter()
                        .all(|values| values.len() == variants.by.len())
            };
            if !variants.sets.iter().all(fits) {
                return Err(refused("a variant names what is not there"));
            }
            variants.index = index(variants);
        }
        let short = key(short_name(&node.identifier));
        catalogue.shorts.entry(short).or_default().push(place);
        catalogue
            .labels
            .entry(key(&node.label))
            .or_default()
            .push(place);
        let known = catalogue.index.insert(node.identifier.clone(), place);
        if known.is_some() {
            return Err(refused("stands here twice"));
        }
    }
    let lonely = catalogue.nodes.iter().find(|node| {
        let partner = node.zone.as_ref().map(|zone| &zone.partner);
        partner.is_some_and(|partner| !catalogue.index.contains_key(partner))
    });
    match lonely {
        None => Ok(catalogue),
        Some(node) => {
            let place = format!("nodes.json: {}", node.identifier);
            Err(CatalogueError::new(
                place,
                "its zone's other half is missing",
            ))
        }
    }
}

fn index(variants: &Variants) -> HashMap<Vec<String>, usize> {
    let combinations = |(place, set): (usize, &VariantSet)| {
        let words = |values: &Vec<Value>| values.iter().map(Value::word).collect::<Vec<_>>();
        set.when
            .iter()
            .map(|values| (words(values), place))
            .collect::<Vec<_>>()
    };
    variants
        .sets
        .iter()
        .enumerate()
        .flat_map(combinations)
        .collect()
}
