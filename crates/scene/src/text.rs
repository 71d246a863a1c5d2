//! Limits of texts that clients send.

/// Longest text from a client that is kept or passed on, in characters. Records and frames have limits for all their
/// texts together.
pub const MAX_TEXT_CHARS: usize = 2_000;

/// Longest name that is an address within an entity, bytes: Blender cuts longer ones.
const LONGEST_ADDRESS: usize = 63;

/// Returns what is wrong with a name of a part of an entity, such as a shape key.
pub(crate) fn find_bad_address(name: &str) -> Option<&'static str> {
    let is_short = (1..=LONGEST_ADDRESS).contains(&name.len());
    let is_good = is_short && !name.chars().any(char::is_control);
    (!is_good).then_some("the name must have 1 to 63 bytes, and no control characters")
}

/// Cuts a text off after [`MAX_TEXT_CHARS`] characters.
pub fn truncate_text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text
}
