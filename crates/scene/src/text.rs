//! Limits of texts that clients send.

/// Longest text from a client that is kept or passed on, in characters. Records and frames have limits for all their
/// texts together.
pub const MAX_TEXT_CHARS: usize = 2_000;

/// Cuts a text off after [`MAX_TEXT_CHARS`] characters.
pub fn truncate_text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text
}
