//! One tool: its description, its arguments, and what all tools share.

use serde_json::{Map, Value, json};
use vibesync_protocol::QueryResult;
use vibesync_scene::Code;

use crate::answer;
use crate::cursor::Cursors;
use crate::daemon::{Daemon, Fault, Page};
use crate::schema::{Arguments, Field, Kind, Shape};

/// A tool of the server.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name: lower case and underscores, at most 24 characters.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its description, for the model.
    pub about: &'static str,
    /// Its arguments.
    pub input: &'static [Field],
    /// The fields of its answer, besides `error`.
    pub output: &'static [(&'static str, Shape)],
    pub(super) run: fn(&Call<'_>) -> Result<Value, Fault>,
}

/// A call of a tool, with checked arguments.
pub(crate) struct Call<'a> {
    /// The daemon to ask.
    pub daemon: &'a dyn Daemon,
    /// The arguments.
    pub arguments: Arguments,
    /// The cursors of this tool with these arguments.
    pub cursors: Cursors,
}

/// The argument that continues a list.
pub(super) const CURSOR: Field = Field {
    name: "cursor",
    kind: Kind::Text(100),
    about: "next of the page before",
};

impl Tool {
    /// Checks the arguments, asks the daemon and bounds the answer. May block for seconds.
    pub fn call(&self, daemon: &dyn Daemon, given: Map<String, Value>) -> Result<Value, Fault> {
        let cursors = Cursors::new(self.name, &given);
        let call = Call {
            daemon,
            arguments: Arguments::check(self.input, given)?,
            cursors,
        };
        (self.run)(&call).and_then(answer::finish)
    }
}

impl Call<'_> {
    /// Returns the number of rows that the caller wants.
    pub fn limit(&self, default: u32) -> u32 {
        let limit = self.arguments.integer("limit");
        limit.map_or(default, |limit| u32::try_from(limit).unwrap_or(default))
    }

    /// Returns the position of the caller's cursor.
    pub fn position<T: std::str::FromStr>(&self) -> Result<Option<T>, Fault> {
        self.cursors.read(self.arguments.text("cursor"))
    }
}

/// Builds the fault for an answer of another kind than the question.
pub(crate) fn unexpected(result: &QueryResult) -> Fault {
    let kind = serde_json::to_value(result)
        .ok()
        .and_then(|value| Some(value.get("what")?.as_str()?.to_owned()));
    let message = format!("the daemon answered with `{}`", kind.unwrap_or_default());
    Fault::new(Code::MessageMalformed, "", message)
}

/// Answers with a page of records, newest first.
pub(super) fn older<T>(
    call: &Call<'_>,
    page: &Page<T>,
    seq: impl Fn(&T) -> u64,
    row: impl Fn(&T) -> Value,
) -> Value {
    let (rows, is_all) = answer::take_rows(page.items.iter().map(row));
    let cut = page.items.get(rows.len().saturating_sub(1));
    let next = match is_all {
        true => page.next,
        false => cut.map(seq),
    };
    let next = next.map(|seq| call.cursors.write(seq));
    json!({"seq": page.seq, "rows": rows, "next": next})
}
