//! `socket_compat.csv`: which types of sockets may be linked, as Blender itself judged each pair.

use std::collections::{HashMap, HashSet};

use super::CatalogueError;

/// Which socket types may be linked.
#[derive(Debug, Default)]
pub struct Compat {
    pairs: HashMap<String, HashSet<String>>,
}

impl Compat {
    /// Reads the table: a header `from,to`, then a pair a line.
    pub fn read(text: &str) -> Result<Self, CatalogueError> {
        let mut lines = text.lines().enumerate();
        let refused = |line: usize, message: &str| CatalogueError {
            location: format!("socket_compat.csv:{}", line + 1),
            message: message.to_owned(),
        };
        if lines.next().map(|(_, header)| header) != Some("from,to") {
            return Err(refused(0, "the header is not from,to"));
        }
        let mut pairs: HashMap<String, HashSet<String>> = HashMap::new();
        for (number, line) in lines {
            let found = line
                .split_once(',')
                .filter(|(from, to)| !from.is_empty() && !to.is_empty() && !to.contains(','));
            let (from, to) = found.ok_or_else(|| refused(number, "not a pair"))?;
            pairs.entry(from.into()).or_default().insert(to.into());
        }
        Ok(Self { pairs })
    }

    /// Whether an output of one type may be linked to an input of another.
    pub fn allows(&self, from: &str, to: &str) -> bool {
        self.pairs.get(from).is_some_and(|tos| tos.contains(to))
    }

    /// Whether any socket can be of this type.
    pub fn knows(&self, idname: &str) -> bool {
        self.pairs.contains_key(idname)
    }

    /// All types of sockets, sorted.
    pub fn types(&self) -> Vec<&str> {
        let mut types: Vec<&str> = self.pairs.keys().map(String::as_str).collect();
        types.sort_unstable();
        types
    }
}
