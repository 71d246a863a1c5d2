//! Positions in a text.

use std::fmt;

/// A position in a text. Lines and columns count from 1; a column is a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line of the text.
    pub line: u32,
    /// Character in the line.
    pub column: u32,
}

impl Position {
    /// The beginning of a text.
    pub const START: Position = Position { line: 1, column: 1 };

    /// Returns the position after a text that begins at this position.
    #[must_use]
    pub fn after(mut self, text: &[u8]) -> Self {
        for byte in text {
            match byte {
                b'\n' => {
                    self.line = self.line.saturating_add(1);
                    self.column = 1;
                }
                // Continuation bytes of a UTF-8 character.
                0x80..=0xBF => {}
                _ => self.column = self.column.saturating_add(1),
            }
        }
        self
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let position = Position::START.after("a\näé€x".as_bytes());
        assert_eq!((position.line, position.column), (2, 5));
    }
}
