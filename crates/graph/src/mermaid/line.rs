//! A line of a sketch, read from left to right.

use crate::diagnostic::Diagnostic;
use crate::location::{Location, Position};

/// The unread rest of a line, and its position.
pub(super) struct Line<'a> {
    rest: &'a str,
    at: Position,
}

/// A part of a line, or the error in it.
pub(super) type Parsed<T> = Result<T, Box<Diagnostic>>;

impl<'a> Line<'a> {
    /// Starts to read a line; numbers count from 1.
    pub(super) fn new(text: &'a str, line: u32) -> Self {
        let at = Position { line, column: 1 };
        let mut line = Self { rest: text, at };
        line.skip_blanks();
        line
    }

    /// Returns the position of the rest.
    pub(super) fn at(&self) -> Position {
        self.at
    }

    /// Returns the rest.
    pub(super) fn rest(&self) -> &'a str {
        self.rest
    }

    /// Returns whether the whole line has been read.
    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Takes the next characters and the blanks after them, if they are the wanted ones.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let found = self.rest.starts_with(wanted);
        if found {
            self.skip(wanted.len());
            self.skip_blanks();
        }
        found
    }

    /// Takes the next word, if it is the wanted one: `end` does not match `ending`.
    pub(super) fn take_word(&mut self, wanted: &str) -> bool {
        let (mut ahead, before) = (self.copy(), self.rest);
        let found = ahead.take_identifier() == wanted;
        if found {
            *self = ahead;
        }
        found && !before.is_empty()
    }

    /// Takes letters, digits and `_`, and the blanks after them; the result can be empty.
    pub(super) fn take_identifier(&mut self) -> &'a str {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let length = self.rest.find(|c| !plain(c)).unwrap_or(self.rest.len());
        self.take_bytes(length)
    }

    /// Takes the text before `end`, `end` and the blanks after it; `None` if the rest has no `end`.
    pub(super) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let length = self.rest.find(end)?;
        let text = self.skip(length);
        self.take(end);
        Some(text)
    }

    /// Takes so many bytes, and the blanks after them.
    pub(super) fn take_bytes(&mut self, length: usize) -> &'a str {
        let taken = self.skip(length);
        self.skip_blanks();
        taken
    }

    /// Returns the same rest, to look ahead.
    pub(super) fn copy(&self) -> Self {
        Self { ..*self }
    }

    /// Makes an error at the position of the rest.
    pub(super) fn error(&self, message: impl Into<String>, suggestion: &str) -> Box<Diagnostic> {
        error(self.at, message, suggestion)
    }

    fn skip_blanks(&mut self) {
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

/// Makes a syntax error.
pub(super) fn error(at: Position, message: impl Into<String>, suggestion: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::new("syntax", Location::in_text(at), message).with_suggestion(suggestion))
}
