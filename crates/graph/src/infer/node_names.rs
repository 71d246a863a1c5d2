//! Finds the type that the name in a title means.

use std::collections::HashMap;

use super::words::words;
use crate::catalogue::{Catalogue, NodeType};
use crate::keywords::KEYWORDS;
use crate::lookup::{Lookup, lookup, suggest_types};
use crate::names::{normalize, short_name};

/// The types by the singular words of their names.
pub(super) struct NodeNames<'c> {
    catalogue: &'c Catalogue,
    by_words: HashMap<Vec<String>, Vec<&'c NodeType>>,
}

impl<'c> NodeNames<'c> {
    pub(super) fn new(catalogue: &'c Catalogue) -> Self {
        let mut by_words: HashMap<Vec<String>, Vec<&NodeType>> = HashMap::new();
        for node_type in &catalogue.nodes {
            for name in [&*node_type.label, short_name(&node_type.identifier)] {
                let types = by_words.entry(words(name)).or_default();
                if !types.iter().any(|it| it.identifier == node_type.identifier) {
                    types.push(node_type);
                }
            }
        }
        Self {
            catalogue,
            by_words,
        }
    }

    /// Returns the types that a name means: by name, else by its words in singular.
    pub(super) fn find(&self, name: &str) -> Vec<&'c NodeType> {
        match lookup(self.catalogue, name) {
            Lookup::One(node_type) => vec![node_type],
            Lookup::Several(types) => types,
            Lookup::None => {
                let name = short_name(name);
                self.by_words.get(&words(name)).cloned().unwrap_or_default()
            }
        }
    }

    /// Returns the types that a name could mean: those with all of its words in their label. Else it returns those
    /// known for it as a search term, else those with a similar name.
    pub(super) fn suggest(&self, name: &str) -> Vec<String> {
        let mut wanted = words(name);
        wanted.retain(|word| word != "zone");
        let has_words = |node_type: &&NodeType| {
            let label = words(&node_type.label);
            !wanted.is_empty() && wanted.iter().all(|word| label.contains(word))
        };
        let with_words = self.catalogue.nodes.iter().filter(has_words);
        let mut found: Vec<String> = with_words.map(|it| it.identifier.clone()).collect();
        if found.is_empty() {
            let known = KEYWORDS
                .iter()
                .filter(|(word, _)| normalize(word) == normalize(name));
            let types = known.flat_map(|(_, types)| types.iter());
            found = types.map(|it| (*it).to_owned()).collect();
        }
        if found.is_empty() {
            found = suggest_types(self.catalogue, name);
        }
        found.sort();
        found
    }
}
