//! Colors of frames.

use std::fmt::Write;

/// Writes a color as style sheets do: `#3366cc`, without its alpha.
pub(crate) fn to_hex(color: [f64; 4]) -> String {
    let mut text = String::from("#");
    for part in color.iter().take(3) {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to the range of a byte"
        )]
        let byte = (part.clamp(0.0, 1.0) * 255.0).round() as u8;
        let _ = write!(text, "{byte:02x}");
    }
    text
}
