//! Parses JSON with a position for each value. Keeps repeated keys, and bounds depth, size and memory.
//!
//! This parser reads the structure, because no library reports positions. `serde_json` decodes strings and numbers.

use std::borrow::Cow;

use crate::position::Position;

/// Bounds of a text. Parsing stops at the position that exceeds one, before it costs memory or time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of the text.
    pub bytes: usize,
    /// Levels of nested values below the outermost.
    pub depth: usize,
    /// Values of any kind. They bound memory: an empty list has two bytes in the text and a hundred in memory.
    pub values: usize,
}

/// The reason why a text is no JSON within the limits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{position}: {message}")]
pub struct SyntaxError {
    /// Position of the mistake.
    pub position: Position,
    /// One sentence.
    pub message: String,
}

/// A value, and the position where it begins.
#[derive(Debug)]
pub struct Json<'a> {
    /// Position of its first character.
    pub at: Position,
    /// The content.
    pub kind: Kind<'a>,
}

/// The content of a value.
#[derive(Debug)]
pub enum Kind<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction and exponent.
    Int(i64),
    /// A finite number with a fraction or an exponent.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// A list.
    List(Vec<Json<'a>>),
    /// An object; keys may be repeated.
    Object(Vec<Member<'a>>),
}

/// A member of an object, in the order of the text.
#[derive(Debug)]
pub struct Member<'a> {
    /// The key.
    pub key: Cow<'a, str>,
    /// Position of the key.
    pub at: Position,
    /// The value.
    pub value: Json<'a>,
}

impl Json<'_> {
    /// Describes the kind of value, for messages.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a boolean",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }
}

/// Quotes a word for a message: escapes control characters, and cuts a long word.
#[must_use]
pub fn quote(word: &str) -> String {
    const MAX_SHOWN_CHARS: usize = 60;
    let mut shown: String = word.chars().take(MAX_SHOWN_CHARS).collect();
    if shown.len() < word.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

type Parsed<T> = Result<T, Box<SyntaxError>>;

/// Parses bytes that must be UTF-8 and hold one JSON value.
///
/// # Errors
///
/// Returns the first mistake.
pub fn parse(bytes: &[u8], limits: Limits) -> Parsed<Json<'_>> {
    parse_at(decode_utf8(bytes, limits.bytes)?, Position::START, limits)
}

/// Decodes UTF-8; refuses a text that is longer than `most` bytes.
///
/// # Errors
///
/// Returns the position of the first byte that is not UTF-8.
pub fn decode_utf8(bytes: &[u8], most: usize) -> Parsed<&str> {
    if bytes.len() > most {
        let message = format!("longer than {most} bytes");
        return Err(fault(Position::START, message));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        fault(Position::START.after(valid), "not UTF-8".to_owned())
    })
}

/// Parses one JSON value. `position` is that of the text in a larger text.
///
/// # Errors
///
/// Returns the first mistake.
pub fn parse_at(text: &str, position: Position, limits: Limits) -> Parsed<Json<'_>> {
    let mut parser = Parser {
        text,
        limits,
        at: 0,
        counted: 0,
        position,
        values: 0,
    };
    let value = parser.value(0)?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.expected("nothing more after the value")),
    }
}

fn fault(position: Position, message: String) -> Box<SyntaxError> {
    Box::new(SyntaxError { position, message })
}

struct Parser<'a> {
    text: &'a str,
    limits: Limits,
    /// Offset of the next byte.
    at: usize,
    /// Offset that `position` belongs to. It only grows, so that counting lines takes linear time.
    counted: usize,
    position: Position,
    values: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Parsed<Json<'a>> {
        let next = self.peek();
        let at = self.here();
        self.values += 1;
        if self.values > self.limits.values {
            return Err(fault(
                at,
                format!("more than {} values", self.limits.values),
            ));
        }
        if depth > self.limits.depth {
            return Err(fault(
                at,
                format!("nested deeper than {}", self.limits.depth),
            ));
        }
        let kind = match next {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => self.word()?,
        };
        Ok(Json { at, kind })
    }

    fn object(&mut self, depth: usize) -> Parsed<Kind<'a>> {
        let mut members = Vec::new();
        self.at += 1;
        while !self.take(b'}') {
            if !members.is_empty() {
                self.require(b',', "a comma or the end of the object")?;
            }
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let at = self.here();
            let key = self.string()?;
            self.require(b':', "a colon after the key")?;
            let value = self.value(depth + 1)?;
            members.push(Member { key, at, value });
        }
        Ok(Kind::Object(members))
    }

    fn list(&mut self, depth: usize) -> Parsed<Kind<'a>> {
        let mut values = Vec::new();
        self.at += 1;
        while !self.take(b']') {
            if !values.is_empty() {
                self.require(b',', "a comma or the end of the list")?;
            }
            values.push(self.value(depth + 1)?);
        }
        Ok(Kind::List(values))
    }

    /// Reads the string that begins here.
    fn string(&mut self) -> Parsed<Cow<'a, str>> {
        let start = self.at;
        let at = self.here();
        let rest = self.text.as_bytes().get(start + 1..).unwrap_or_default();
        let (mut escaped, mut plain) = (false, true);
        for (length, byte) in rest.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => (escaped, plain) = (true, false),
                b'"' => {
                    self.at = start + length + 2;
                    return self.decode_string(start, at, plain);
                }
                0..=0x1F => {
                    let at = at.after(rest.get(..length).unwrap_or_default());
                    let at = Position {
                        column: at.column + 1,
                        ..at
                    };
                    let message = "a control character in a string: write it as an escape";
                    return Err(fault(at, message.to_owned()));
                }
                _ => {}
            }
        }
        Err(fault(
            at,
            "the closing quote of this string is missing".to_owned(),
        ))
    }

    /// Decodes the string from its opening quote to here.
    fn decode_string(&self, start: usize, at: Position, plain: bool) -> Parsed<Cow<'a, str>> {
        let literal = self.text.get(start..self.at).unwrap_or_default();
        if plain {
            return Ok(Cow::Borrowed(literal.trim_matches('"')));
        }
        let text = serde_json::from_str(literal).map(Cow::Owned);
        text.map_err(|error| fault(at, format!("invalid string: {}", message_of(&error))))
    }

    fn number(&mut self) -> Parsed<Kind<'a>> {
        let at = self.here();
        let word =
            self.take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        if word == "-" && self.rest().starts_with("Infinity") {
            return Err(fault(at, "-Infinity is not a number of JSON".to_owned()));
        }
        let number: serde_json::Number = serde_json::from_str(word)
            .map_err(|error| fault(at, format!("{}: {}", quote(word), message_of(&error))))?;
        let whole = !word.contains(['.', 'e', 'E']);
        // Not `number.as_f64()`: its last digit may differ.
        match (number.as_i64(), word.parse::<f64>().ok()) {
            (Some(int), _) => Ok(Kind::Int(int)),
            (None, Some(float)) if !whole && float.is_finite() => Ok(Kind::Float(float)),
            _ => Err(fault(at, format!("{} is too large", quote(word)))),
        }
    }

    fn word(&mut self) -> Parsed<Kind<'a>> {
        let at = self.here();
        let before = self.at;
        let word = self.take_while(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match word {
            "true" => Ok(Kind::Bool(true)),
            "false" => Ok(Kind::Bool(false)),
            "null" => Ok(Kind::Null),
            "NaN" | "Infinity" => Err(fault(at, format!("{word} is not a number of JSON"))),
            _ => {
                self.at = before;
                Err(self.expected("a value"))
            }
        }
    }

    /// Takes bytes while they are wanted.
    fn take_while(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| wanted(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and returns the next byte.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn take(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.at += usize::from(found);
        found
    }

    fn require(&mut self, wanted: u8, what: &str) -> Parsed<()> {
        match self.take(wanted) {
            true => Ok(()),
            false => Err(self.expected(what)),
        }
    }

    fn expected(&mut self, what: &str) -> Box<SyntaxError> {
        let found = match self.rest().chars().next() {
            None => "the text ends".to_owned(),
            Some(found) => format!("found {found:?}"),
        };
        fault(self.here(), format!("expected {what}, but {found}"))
    }

    /// Returns the position of the next byte.
    fn here(&mut self) -> Position {
        let passed = self.text.as_bytes().get(self.counted..self.at);
        self.position = self.position.after(passed.unwrap_or_default());
        self.counted = self.at;
        self.position
    }
}

/// Returns the message of `serde_json` without its own position.
fn message_of(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        reason = "a test stops at the first surprise"
    )]

    use super::*;

    const LIMITS: Limits = Limits {
        bytes: 10_000_000,
        depth: 16,
        values: 1_000,
    };

    #[track_caller]
    fn refused(text: &[u8], line: u32, column: u32, why: &str) {
        let error = parse(text, LIMITS).unwrap_err();
        assert_eq!(error.position, Position { line, column }, "{error}");
        assert!(error.message.contains(why), "{error}");
    }

    #[test]
    fn values_and_keys_have_positions() {
        let json = parse("{\"ä\":\n  [1, true]}".as_bytes(), LIMITS).unwrap();
        let Kind::Object(members) = json.kind else {
            panic!("an object");
        };
        assert_eq!(members[0].at, Position { line: 1, column: 2 });
        let Kind::List(values) = &members[0].value.kind else {
            panic!("a list");
        };
        assert_eq!(values[1].at, Position { line: 2, column: 7 });
    }

    #[test]
    fn invalid_json_is_refused_at_its_position() {
        refused(b"{\"a\": NaN}", 1, 7, "NaN");
        refused(b"[1,\n -Infinity]", 2, 2, "-Infinity");
        refused(b"[1e999]", 1, 2, "out of range");
        refused(b"[99999999999999999999]", 1, 2, "too large");
        refused(b"[01]", 1, 2, "01");
        refused(b"[1 2]", 1, 4, "a comma");
        refused(b"[1,]", 1, 4, "a value");
        refused(b"{a:1}", 1, 2, "double quotes");
        refused(b"{\"a\" 1}", 1, 6, "a colon");
        refused(b"\"a\nb\"", 1, 3, "control");
        refused(b"\"a\\x\"", 1, 1, "escape");
        refused(b"\"\\ud800\"", 1, 1, "");
        refused(b"[1] x", 1, 5, "nothing more");
        refused(b"", 1, 1, "the text ends");
        refused(b"\"\xFF\"", 1, 2, "UTF-8");
    }

    #[test]
    fn depth_values_and_bytes_are_bounded() {
        refused("[".repeat(100_000).as_bytes(), 1, 18, "deeper");
        let many = format!("[{}1]", "1,".repeat(LIMITS.values));
        refused(many.as_bytes(), 1, 2 * LIMITS.values as u32, "values");
        refused(&vec![b' '; LIMITS.bytes + 1], 1, 1, "longer");
    }

    #[test]
    fn escapes_are_decoded() {
        let Kind::Text(text) = parse(br#""\u00e4\n\"""#, LIMITS).unwrap().kind else {
            panic!("a text");
        };
        assert_eq!(text, "ä\n\"");
    }
}
