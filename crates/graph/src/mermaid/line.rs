//! One line of a sketch, read from left to right.

use crate::diagnostic::Diagnostic;
use crate::location::{Location, Position};

/// What is left of a line, and where it stands.
pub(super) struct Line<'a> {
    rest: &'a str,
    at: Position,
}

/// What is wrong with a line, and what to do.
pub(super) type Read<T> = Result<T, Box<Diagnostic>>;

impl<'a> Line<'a> {
    /// A line, by its number from 1.
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        let at = Position { line, column: 1 };
        let mut line = Self { rest: text, at };
        line.blanks();
        line
    }

    /// Where the rest begins.
    pub(super) fn at(&self) -> Position {
        self.at
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Whether nothing is left.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes something that stands next, and the blanks after it.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest.starts_with(wanted);
        if found {
            self.skip(wanted.len());
            self.blanks();
        }
        found
    }

    /// Takes a word that stands next as a whole: `end`, but not the beginning of `ending`.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let (mut ahead, before) = (Self { ..*self }, self.rest);
        let found = ahead.word() == wanted;
        if found {
            *self = ahead;
        }
        found && !before.is_empty()
    }

    /// Takes letters, digits and `_`, and the blanks after them; may be empty.
    pub(super) fn word(&mut self) -> &'a str {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = self.rest.find(|c| !plain(c)).unwrap_or(self.rest.len());
        let word = self.skip(length);
        self.blanks();
        word
    }

    /// Takes everything before something, that itself, and the blanks after it; none where it does not come.
    pub(super) fn until(&mut self, end: &str) -> Option<&'a str> {
        let length = self.rest.find(end)?;
        let text = self.skip(length);
        self.take(end);
        Some(text)
    }

    /// A fault at the rest of the line.
    pub(super) fn fault(&self, message: impl Into<String>, suggestion: &str) -> Box<Diagnostic> {
        fault(self.at, message, suggestion)
    }

    fn blanks(&mut self) {
        let rest = self.rest.trim_start();
        self.skip(self.rest.len() - rest.len());
        self.rest = self.rest.trim_end();
    }

    fn skip(&mut self, length: usize) -> &'a str {
        let (skipped, rest) = self
            .rest
            .split_at_checked(length)
            .unwrap_or((self.rest, ""));
        self.at = self.at.after(skipped.as_bytes());
        self.rest = rest;
        skipped
    }
}

/// A fault of a sketch.
pub(super) fn fault(at: Position, message: impl Into<String>, suggestion: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::new("syntax", Location::text(at), message).suggest(suggestion))
}
