//! Suggests names that are similar to a misspelled one.

use crate::names::normalized_chars;

/// Most names that are suggested.
const MAX_SUGGESTIONS: usize = 3;
/// Characters of a name that are compared: the cost is the product of both lengths.
const MAX_COMPARED_CHARS: usize = 64;

/// Returns the most similar names, best first. At most a third of the characters of `word` may differ.
pub fn suggest_names<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let compared =
        |name: &str| -> Vec<char> { normalized_chars(name).take(MAX_COMPARED_CHARS).collect() };
    let wanted = compared(word);
    let max_edits = wanted.len() / 3;
    let mut similar: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (name, compared(name)))
        .filter(|(_, chars)| chars.len().abs_diff(wanted.len()) <= max_edits)
        .map(|(name, chars)| (edit_distance(&wanted, &chars), name))
        .filter(|(edits, _)| *edits <= max_edits)
        .collect();
    similar.sort_unstable();
    similar.dedup();
    let best = similar.into_iter().take(MAX_SUGGESTIONS);
    best.map(|(_, name)| name).collect()
}

/// Counts the characters to insert, remove or replace (Levenshtein distance).
fn edit_distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (done, x) in a.iter().enumerate() {
        let mut diagonal = done;
        let mut left = done + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (cell, y) in row.iter_mut().skip(1).zip(b) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn similar_names_are_sorted_by_similarity() {
        let names = ["Geometry", "Geometries", "Mesh", "Selection"];
        assert_eq!(suggest_names("Geometri", names), ["Geometry", "Geometries"]);
        assert_eq!(
            suggest_names("set_position", ["SetPosition"]),
            ["SetPosition"]
        );
        assert!(suggest_names("Curve", names).is_empty());
    }

    #[test]
    fn edit_distance_counts_changes() {
        let edits = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            edit_distance(&a, &b)
        };
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
