//! Cursors: where the next page of an answer begins. A cursor belongs to its tool and arguments.

use serde_json::{Map, Value};

use crate::daemon::Fault;

/// Arguments that may differ from page to page.
const FREE: [&str; 2] = ["cursor", "limit"];

/// The cursors of one tool call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursors {
    /// Tells this question from others.
    question: u32,
}

impl Cursors {
    /// Returns the cursors of a tool with these arguments.
    pub fn new(tool: &str, arguments: &Map<String, Value>) -> Self {
        let mut fixed: Vec<(&String, String)> = arguments
            .iter()
            .filter(|(name, value)| !FREE.contains(&name.as_str()) && !value.is_null())
            .map(|(name, value)| (name, value.to_string()))
            .collect();
        fixed.sort();
        let text = format!("{tool}{fixed:?}");
        let question = text.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        });
        Self { question }
    }

    /// Writes the cursor of a position.
    pub fn write(self, position: impl std::fmt::Display) -> String {
        format!("{:08x}.{position}", self.question)
    }

    /// Reads the position of a cursor.
    pub fn read<T: std::str::FromStr>(self, cursor: Option<&str>) -> Result<Option<T>, Fault> {
        let Some(cursor) = cursor else {
            return Ok(None);
        };
        let wrong = || {
            let message = "the cursor does not belong to this tool with these arguments";
            Fault::argument("cursor", message)
                .with_help("Repeat the arguments of the first page, or leave the cursor out.")
        };
        let (question, position) = cursor.split_once('.').ok_or_else(wrong)?;
        let is_own = question == format!("{:08x}", self.question);
        let position = position.parse().ok().filter(|_| is_own);
        position.map(Some).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cursors(tool: &str, arguments: Value) -> Cursors {
        Cursors::new(tool, arguments.as_object().unwrap())
    }

    #[test]
    fn cursor_is_refused_for_another_question() {
        let first = cursors("log", json!({"code": "VS-4001", "limit": 3}));
        let cursor = first.write(17);
        let next = cursors(
            "log",
            json!({"cursor": cursor, "limit": 9, "code": "VS-4001"}),
        );
        assert_eq!(next.read(Some(&cursor)), Ok(Some(17)));
        assert_eq!(next.read::<u64>(None), Ok(None));
        for other in [
            cursors("history", json!({"code": "VS-4001"})),
            cursors("log", json!({"code": "VS-4002"})),
        ] {
            assert!(other.read::<u64>(Some(&cursor)).is_err());
        }
        for broken in ["", "17", "zz.17", "00000000.", &cursor.replace('.', ".x")] {
            assert!(next.read::<u64>(Some(broken)).is_err(), "{broken}");
        }
    }
}
