//! Splits a title where the name of the type can end.

/// Characters that can follow the name.
const ENDS_OF_NAMES: &[char] = &['(', '[', ':', '=', '\n', ',', ' '];

/// Most ways to split a title.
const MAX_SPLITS: usize = 32;

/// Returns pairs of name and rest, longest name first. The first pair is the whole title.
pub(crate) fn split_title(text: &str) -> Vec<(&str, &str)> {
    let ends = text.match_indices(ENDS_OF_NAMES).take(MAX_SPLITS);
    let mut splits: Vec<(&str, &str)> = ends
        .filter_map(|(at, _)| text.split_at_checked(at))
        .map(|(name, rest)| (name.trim(), rest))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    splits.reverse();
    splits.insert(0, (text.trim(), ""));
    splits
}
