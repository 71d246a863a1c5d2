//! Text for people, from clients.

/// Longest text from a client that is kept or passed on, in characters: people read it, and records and frames have
/// limits that all their texts together must keep.
pub const LONGEST_TEXT: usize = 2_000;

/// The text without what is too long of it.
pub fn clipped(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
        text.truncate(end);
    }
    text
}
