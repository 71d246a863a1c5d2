//! Splits names into words, and makes them singular: `InstancesOnPoints` has the words instance, on, point.

/// Returns the words of a name in lower case and singular, without a last word `node`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut last: Option<char> = None;
    for c in name.chars() {
        let begins = match last {
            Some(last) => !last.is_alphanumeric() || (last.is_lowercase() && c.is_uppercase()),
            None => true,
        };
        last = Some(c);
        if !c.is_alphanumeric() {
            continue;
        }
        if begins || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase().map(without_accent));
        }
    }
    if words.len() > 1 && words.last().is_some_and(|word| word == "node") {
        words.pop();
    }
    words.iter().map(|word| singular(word)).collect()
}

/// Blender's names have one accent: Bézier.
fn without_accent(c: char) -> char {
    if c == 'é' { 'e' } else { c }
}

fn singular(word: &str) -> String {
    let cut = word
        .strip_suffix('s')
        .filter(|stem| stem.len() > 2 && !stem.ends_with(['s', 'u', 'i']));
    cut.unwrap_or(word).to_owned()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn names_are_split_into_singular_words() {
        assert_eq!(words("InstancesOnPoints"), ["instance", "on", "point"]);
        assert_eq!(words("set_position node"), ["set", "position"]);
        assert_eq!(words("Curves to Mesh"), words("CurveToMesh"));
        assert_eq!(words("UV Sphere"), ["uv", "sphere"]);
        assert_eq!(words("Radius"), ["radius"]);
        assert!(words(" - ").is_empty());
    }
}
