//! `socket_compat.csv`: the pairs of socket types that can be linked, as Blender itself judged each pair.

use std::collections::{HashMap, HashSet};

use super::error::CatalogueError;

/// The pairs of socket types that can be linked.
#[derive(Debug, Default)]
pub struct Compat {
    pairs: HashMap<String, HashSet<String>>,
}

impl Compat {
    /// Reads the table: a header `from,to`, then one pair in each line.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut lines = text.lines().enumerate();
        let error = |line: usize, message: &str| {
            CatalogueError::new(format!("socket_compat.csv:{}", line + 1), message)
        };
        if lines.next().map(|(_, header)| header) != Some("from,to") {
            return Err(error(0, "the header is not from,to"));
        }
        let mut pairs: HashMap<String, HashSet<String>> = HashMap::new();
        for (number, line) in lines {
            let pair = line
                .split_once(',')
                .filter(|(from, to)| !from.is_empty() && !to.is_empty() && !to.contains(','));
            let (from, to) = pair.ok_or_else(|| error(number, "not a pair"))?;
            pairs.entry(from.into()).or_default().insert(to.into());
        }
        Ok(Self { pairs })
    }

    /// Returns whether an output of type `from` can be linked to an input of type `to`.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        self.pairs
            .get(from)
            .is_some_and(|targets| targets.contains(to))
    }

    /// Returns whether a socket can have this type.
    pub fn has_type(&self, idname: &str) -> bool {
        self.pairs.contains_key(idname)
    }

    /// Returns all socket types, sorted.
    pub fn types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.pairs.keys().map(String::as_str).collect();
        types.sort_unstable();
        types
    }
}
