//! Types of nodes by what they do: all words that are asked for must be found, as words or as beginnings of words.

use crate::catalogue::{Catalogue, NodeType};
use crate::keywords::KEYWORDS;

/// The types that a term finds, best first: in the label, as a known keyword, in identifier and category, in the description.
pub fn search<'c>(catalogue: &'c Catalogue, term: &str, most: usize) -> Vec<&'c NodeType> {
    let wanted = words(term);
    if wanted.is_empty() {
        return Vec::new();
    }
    let known: Vec<&str> = KEYWORDS
        .iter()
        .filter(|(keyword, _)| words(keyword) == wanted)
        .flat_map(|(_, identifiers)| identifiers.iter().copied())
        .collect();
    let mut found: Vec<(usize, usize, &NodeType)> = catalogue
        .nodes
        .iter()
        .filter_map(|kind| Some((rank(kind, &wanted, &known)?, kind.label.len(), kind)))
        .collect();
    found.sort_by_key(|(rank, length, kind)| (*rank, *length, kind.identifier.as_str()));
    found
        .into_iter()
        .take(most)
        .map(|(.., kind)| kind)
        .collect()
}

/// How well a type fits, best first; none where a word is not found.
fn rank(kind: &NodeType, wanted: &[String], known: &[&str]) -> Option<usize> {
    let label = words(&kind.label);
    if label == *wanted {
        return Some(0);
    }
    if let Some(place) = known.iter().position(|it| *it == kind.identifier) {
        return Some(1 + place);
    }
    // As many ranks as there are known ones come before.
    let texts = [
        &kind.label,
        &kind.identifier,
        &kind.category,
        &kind.description,
    ];
    let mut all = Vec::new();
    for (rank, text) in texts.into_iter().enumerate() {
        all.extend(words(text));
        let held = |word: &String| all.iter().any(|it| it.starts_with(word.as_str()));
        if wanted.iter().all(held) {
            return Some(1 + known.len() + rank);
        }
    }
    None
}

/// The words of a text in lower case; `MeshToPoints` is three.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut lower = false;
    for c in text.chars() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        let begins = !open || (lower && c.is_uppercase());
        if begins {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
        open = true;
        lower = c.is_lowercase();
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
