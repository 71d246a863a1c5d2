//! Names that may have been meant.

/// Most names that are suggested.
const MOST: usize = 3;
/// Characters of a name that are looked at: comparing costs the product of both lengths.
const LOOKED_AT: usize = 64;

/// The names that are closest to a word, nearest first: those that at most a third of the word must be changed for.
pub fn suggest_names<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let cut = |name: &str| folded(name).take(LOOKED_AT).collect::<Vec<char>>();
    let wanted = cut(word);
    let most = wanted.len() / 3;
    let mut found: Vec<(usize, &str)> = names
        .into_iter()
        .map(|name| (name, cut(name)))
        .filter(|(_, name)| name.len().abs_diff(wanted.len()) <= most)
        .map(|(name, folded)| (distance(&wanted, &folded), name))
        .filter(|(changes, _)| *changes <= most)
        .collect();
    found.sort_unstable();
    found.dedup();
    found.into_iter().take(MOST).map(|(_, name)| name).collect()
}

/// Letters and digits alone, in lower case: how names are compared where people write them.
pub fn folded(name: &str) -> impl Iterator<Item = char> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase)
}

/// How many characters must be inserted, removed or replaced (Levenshtein).
fn distance(a: &[char], b: &[char]) -> usize {
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
    fn near_names_come_nearest_first() {
        let names = ["Geometry", "Geometries", "Mesh", "Selection"];
        assert_eq!(suggest_names("Geometri", names), ["Geometry", "Geometries"]);
        assert_eq!(
            suggest_names("set_position", ["SetPosition"]),
            ["SetPosition"]
        );
        assert!(suggest_names("Curve", names).is_empty());
    }

    #[test]
    fn distance_counts_changes() {
        let changes = |a: &str, b: &str| {
            let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
            distance(&a, &b)
        };
        assert_eq!(changes("kitten", "sitting"), 3);
        assert_eq!(changes("", "abc"), 3);
        assert_eq!(changes("abc", "abc"), 0);
    }
}
