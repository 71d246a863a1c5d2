//! The forms of ids and names, and the words that are reserved.

use crate::limits;

/// Ids that no add-on may have, because they name parts of VibeSync or the editors.
pub const RESERVED_IDS: [&str; 4] = ["blender", "mcp", "unity", "vibesync"];
/// Categories that the manifest format names; another word is only noted.
pub const CATEGORIES: [&str; 9] = [
    "animation",
    "io",
    "modeling",
    "procedural",
    "rendering",
    "sculpting",
    "simulation",
    "texturing",
    "utility",
];
/// Names that no parameter may have: a handler of Blender gets its arguments by name.
pub const RESERVED_PARAMETERS: [&str; 39] = [
    "False", "None", "True", "and", "args", "as", "assert", "async", "await", "break", "class",
    "cls", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global",
    "if", "import", "in", "is", "kwargs", "lambda", "nonlocal", "not", "or", "pass", "raise",
    "return", "self", "try", "while", "with", "yield",
];

/// Returns true for an id of an add-on that is not reserved.
#[must_use]
pub fn is_addon_id(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    has_form(text, |byte| byte.is_ascii_alphabetic(), b"_-")
        && !RESERVED_IDS.contains(&lower.as_str())
}

/// Returns true for a name of a tool.
#[must_use]
pub fn is_tool_name(text: &str) -> bool {
    has_form(text, |byte| byte.is_ascii_alphabetic(), b"_")
}

/// Returns true for a name of a parameter: an identifier that is not reserved.
#[must_use]
pub fn is_parameter_name(text: &str) -> bool {
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    has_form(text, begins, b"_") && !RESERVED_PARAMETERS.contains(&text)
}

/// Returns true for a category: letters in lower case and underscores.
#[must_use]
pub fn is_category(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    (1..=limits::CATEGORY).contains(&text.len()) && text.bytes().all(allowed)
}

fn has_form(text: &str, begins: impl Fn(u8) -> bool, marks: &[u8]) -> bool {
    text.len() <= limits::ID
        && text.bytes().next().is_some_and(begins)
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}
