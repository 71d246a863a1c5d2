//! JSON with a position for each value, every repeated key kept, and bounds on depth, size and memory.
//!
//! Structure is read here, since no library tells where a value stood; what a string or a number means is `serde_json`'s.

use std::borrow::Cow;

use crate::diagnostic::{Diagnostic, quoted};
use crate::limits;
use crate::location::{Location, Position};

/// A value and where it begins.
#[derive(Debug)]
pub(crate) struct Json<'a> {
    pub at: Position,
    pub kind: Kind<'a>,
}

/// A value.
#[derive(Debug)]
pub(crate) enum Kind<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(Cow<'a, str>),
    List(Vec<Json<'a>>),
    Object(Vec<Member<'a>>),
}

/// A member of an object, in the order of the text.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub key: Cow<'a, str>,
    pub at: Position,
    pub value: Json<'a>,
}

impl Json<'_> {
    /// What it is, for messages.
    pub(crate) fn what(&self) -> &'static str {
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

type Parsed<T> = Result<T, Box<Diagnostic>>;

/// Reads bytes that must be UTF-8 and one JSON value.
pub(crate) fn parse(bytes: &[u8]) -> Parsed<Json<'_>> {
    parse_at(text(bytes)?, Position::START)
}

/// The text of bytes that are UTF-8 and not too many.
pub(crate) fn text(bytes: &[u8]) -> Parsed<&str> {
    if bytes.len() > limits::BYTES {
        let message = format!("longer than {} bytes", limits::BYTES);
        return Err(fault(Position::START, message));
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
        fault(Position::START.after(valid), "not UTF-8".to_owned())
    })
}

/// Reads one JSON value from a text that begins at a position of a larger one.
pub(crate) fn parse_at(text: &str, position: Position) -> Parsed<Json<'_>> {
    let mut parser = Parser {
        text,
        at: 0,
        told: 0,
        position,
        values: 0,
    };
    let value = parser.value(0)?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err(parser.expected("nothing more after the value")),
    }
}

fn fault(position: Position, message: String) -> Box<Diagnostic> {
    Box::new(Diagnostic::new("syntax", Location::text(position), message))
}

struct Parser<'a> {
    text: &'a str,
    /// The next byte.
    at: usize,
    /// How far `position` was counted: it only goes forward, so that counting is linear.
    told: usize,
    position: Position,
    values: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Parsed<Json<'a>> {
        let next = self.peek();
        let at = self.here();
        self.values += 1;
        if self.values > limits::VALUES {
            return Err(fault(at, format!("more than {} values", limits::VALUES)));
        }
        if depth > limits::DEPTH {
            return Err(fault(at, format!("nested deeper than {}", limits::DEPTH)));
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
                self.want(b',', "a comma or the end of the object")?;
            }
            if self.peek() != Some(b'"') {
                return Err(self.expected("a key in double quotes"));
            }
            let at = self.here();
            let key = self.string()?;
            self.want(b':', "a colon after the key")?;
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
                self.want(b',', "a comma or the end of the list")?;
            }
            values.push(self.value(depth + 1)?);
        }
        Ok(Kind::List(values))
    }

    /// The string that begins here.
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
                    return self.text_of(start, at, plain);
                }
                0..=0x1F => {
                    let at = at.after(rest.get(..length).unwrap_or_default());
                    let at = Position {
                        column: at.column + 1,
                        ..at
                    };
                    let message = "a control character in a text: write it as an escape";
                    return Err(fault(at, message.to_owned()));
                }
                _ => {}
            }
        }
        Err(fault(at, "a text without its closing quote".to_owned()))
    }

    /// What stands from a quote up to here.
    fn text_of(&self, start: usize, at: Position, plain: bool) -> Parsed<Cow<'a, str>> {
        let quoted = self.text.get(start..self.at).unwrap_or_default();
        if plain {
            return Ok(Cow::Borrowed(quoted.trim_matches('"')));
        }
        let text = serde_json::from_str(quoted).map(Cow::Owned);
        text.map_err(|error| fault(at, format!("not a text: {}", said(&error))))
    }

    fn number(&mut self) -> Parsed<Kind<'a>> {
        let at = self.here();
        let word = self.run(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
        if word == "-" && self.rest().starts_with("Infinity") {
            return Err(fault(at, "-Infinity is not a number of JSON".to_owned()));
        }
        let number: serde_json::Number = serde_json::from_str(word)
            .map_err(|error| fault(at, format!("{}: {}", quoted(word), said(&error))))?;
        let whole = !word.contains(['.', 'e', 'E']);
        // The library's own number may differ in the last digit.
        match (number.as_i64(), word.parse::<f64>().ok()) {
            (Some(int), _) => Ok(Kind::Int(int)),
            (None, Some(float)) if !whole && float.is_finite() => Ok(Kind::Float(float)),
            _ => Err(fault(at, format!("{} is too large", quoted(word)))),
        }
    }

    fn word(&mut self) -> Parsed<Kind<'a>> {
        let at = self.here();
        let before = self.at;
        let word = self.run(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
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

    /// The bytes from here on that are wanted.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.bytes().take_while(|byte| wanted(*byte)).count();
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is not white space; the one to be read from now on.
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

    fn want(&mut self, wanted: u8, what: &str) -> Parsed<()> {
        match self.take(wanted) {
            true => Ok(()),
            false => Err(self.expected(what)),
        }
    }

    fn expected(&mut self, what: &str) -> Box<Diagnostic> {
        let found = match self.rest().chars().next() {
            None => "the text ends".to_owned(),
            Some(found) => format!("{found:?} stands here"),
        };
        fault(self.here(), format!("expected {what}, but {found}"))
    }

    /// Where the next byte stands.
    fn here(&mut self) -> Position {
        let passed = self.text.as_bytes().get(self.told..self.at);
        self.position = self.position.after(passed.unwrap_or_default());
        self.told = self.at;
        self.position
    }
}

/// What `serde_json` says, without its own idea of the place.
fn said(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ")
        .next()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &[u8], line: u32, column: u32, why: &str) {
        let error = parse(text).unwrap_err();
        assert_eq!(
            error.location.position,
            Some(Position { line, column }),
            "{error}"
        );
        assert!(error.message.contains(why), "{error}");
    }

    #[test]
    fn every_value_knows_its_place() {
        let json = parse("{\"ä\":\n  [1, true]}".as_bytes()).unwrap();
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
    fn what_is_no_json_is_refused_where_it_stands() {
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
    fn size_is_bounded() {
        refused("[".repeat(100_000).as_bytes(), 1, 18, "deeper");
        let many = format!("[{}1]", "1,".repeat(limits::VALUES));
        refused(many.as_bytes(), 1, 2 * limits::VALUES as u32, "values");
        refused(&vec![b' '; limits::BYTES + 1], 1, 1, "longer");
    }

    #[test]
    fn escapes_mean_what_they_mean_in_json() {
        let Kind::Text(text) = parse(br#""\u00e4\n\"""#).unwrap().kind else {
            panic!("a text");
        };
        assert_eq!(text, "ä\n\"");
    }
}
