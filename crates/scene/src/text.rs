//! Text for people, from clients.

/// Longest text from a client that is kept or passed on, in characters: people read it, and records and frames have
/// limits that all their texts together must keep.
pub const MAX_TEXT_CHARS: usize = 2_000;

/// The text without what is too long of it.
pub fn truncate_text(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text
}
