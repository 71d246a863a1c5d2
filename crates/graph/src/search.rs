//! Searches node types by what they do. Each word of the search term must match a word, or the beginning of one.

use crate::catalogue::{Catalogue, NodeType};
use crate::keywords::KEYWORDS;

/// Returns the types that match a term, best first. Order: exact label, known keyword, then matches in label,
/// identifier, category and description.
pub fn search<'c>(catalogue: &'c Catalogue, term: &str, limit: usize) -> Vec<&'c NodeType> {
    let wanted = words(term);
    if wanted.is_empty() {
        return Vec::new();
    }
    let known: Vec<&str> = KEYWORDS
        .iter()
        .filter(|(keyword, _)| words(keyword) == wanted)
        .flat_map(|(_, identifiers)| identifiers.iter().copied())
        .collect();
    let mut matches: Vec<(usize, usize, &NodeType)> = catalogue
        .nodes
        .iter()
        .filter_map(|node_type| {
            Some((
                rank(node_type, &wanted, &known)?,
                node_type.label.len(),
                node_type,
            ))
        })
        .collect();
    matches
        .sort_by_key(|(rank, length, node_type)| (*rank, *length, node_type.identifier.as_str()));
    matches
        .into_iter()
        .take(limit)
        .map(|(.., node_type)| node_type)
        .collect()
}

/// Returns the rank of a type, 0 for the best; `None` if a word does not match.
fn rank(node_type: &NodeType, wanted: &[String], known: &[&str]) -> Option<usize> {
    let label = words(&node_type.label);
    if label == *wanted {
        return Some(0);
    }
    if let Some(index) = known.iter().position(|it| *it == node_type.identifier) {
        return Some(1 + index);
    }
    let texts = [
        &node_type.label,
        &node_type.identifier,
        &node_type.category,
        &node_type.description,
    ];
    let mut searched = Vec::new();
    for (rank, text) in texts.into_iter().enumerate() {
        searched.extend(words(text));
        let is_match = |word: &String| searched.iter().any(|it| it.starts_with(word.as_str()));
        if wanted.iter().all(is_match) {
            return Some(1 + known.len() + rank);
        }
    }
    None
}

/// Splits a text into words in lower case; `MeshToPoints` is three words.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut in_word = false;
    let mut after_lower_case = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            in_word = false;
            continue;
        }
        let begins_word = !in_word || (after_lower_case && c.is_uppercase());
        if begins_word {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        in_word = true;
        after_lower_case = c.is_lowercase();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_are_several_words() {
        assert_eq!(
            words("GeometryNodeMeshToPoints"),
            ["geometry", "node", "mesh", "to", "points"]
        );
        assert_eq!(words("UV-Sphere, 2 sides"), ["uv", "sphere", "2", "sides"]);
        assert!(words(" -- ").is_empty());
    }
}
