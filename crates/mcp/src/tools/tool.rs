//! One tool: its description, its arguments, and what all tools share.

use std::cell::Cell;

use serde_json::{Map, Value, json};
use vibesync_protocol::{Picture, QueryResult};
use vibesync_scene::Code;

use crate::answer;
use crate::begun::Begun;
use crate::cursor::Cursors;
use crate::daemon::{Daemon, Fault, Page};
use crate::schema::{Arguments, Field, Kind, Shape};
use crate::wait::Wait;

/// A tool of the server.
#[derive(Clone, Copy, Debug)]
pub struct Tool {
    /// Its name: lower case and underscores, at most 24 characters.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// Its description, for the model.
    pub about: &'static str,
    /// Its effects, for the client.
    pub hints: Hints,
    /// Its arguments.
    pub input: &'static [Field],
    /// The fields of its answer, besides `error`.
    pub output: &'static [(&'static str, Shape)],
    pub(super) run: fn(&Call<'_>) -> Result<Value, Fault>,
}

/// The answer of a tool.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Its fields.
    pub fields: Value,
    /// The same as JSON.
    pub text: String,
    /// The picture that goes with it.
    pub picture: Option<Picture>,
}

/// The effects of a tool, as clients ask for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hints {
    /// It changes nothing.
    pub is_read_only: bool,
    /// It may overwrite or delete.
    pub is_destructive: bool,
    /// The same call again has no further effect.
    pub is_idempotent: bool,
    /// It reaches beyond the project.
    pub is_open_world: bool,
}

impl Hints {
    /// A tool that reads.
    pub const READ: Self = Self {
        is_read_only: true,
        is_destructive: false,
        is_idempotent: true,
        is_open_world: false,
    };

    /// A tool that changes the scene. A call without an operation id is a new change each time.
    pub const CHANGE: Self = Self {
        is_read_only: false,
        is_destructive: true,
        is_idempotent: false,
        is_open_world: false,
    };

    /// A tool that leads the scene to a state that the call describes.
    pub const SET: Self = Self {
        is_idempotent: true,
        ..Self::CHANGE
    };
}

/// A call of a tool, with checked arguments.
pub(crate) struct Call<'a> {
    /// The daemon to ask.
    pub daemon: &'a dyn Daemon,
    /// The arguments.
    pub arguments: Arguments,
    /// The cursors of this tool with these arguments.
    pub cursors: Cursors,
    /// The end of all waiting.
    pub wait: &'a Wait,
    /// The operations that this process has asked for.
    pub begun: &'a Begun,
    /// The picture that goes with the answer.
    picture: Cell<Option<Picture>>,
}

/// Returns an argument.
pub(super) const fn field(name: &'static str, kind: Kind, about: &'static str) -> Field {
    Field { name, kind, about }
}

/// The argument that continues a list.
pub(super) const CURSOR: Field = field("cursor", Kind::Text(100), "next of the page before");

/// Returns the argument that bounds a list.
pub(super) const fn limit(most: u64) -> Field {
    field("limit", Kind::Integer(1, most), "")
}

impl Tool {
    /// Checks the arguments, asks the daemon and bounds the answer. May block for seconds.
    pub(crate) fn call(
        &self,
        daemon: &dyn Daemon,
        given: Map<String, Value>,
        wait: &Wait,
        begun: &Begun,
    ) -> Result<Answer, Fault> {
        let cursors = Cursors::new(self.name, &given);
        let call = Call {
            daemon,
            arguments: Arguments::check(self.input, given)?,
            cursors,
            wait,
            begun,
            picture: Cell::default(),
        };
        let (fields, text) = (self.run)(&call).and_then(answer::finish)?;
        Ok(Answer {
            fields,
            text,
            picture: call.picture.take(),
        })
    }
}

impl Tool {
    /// Calls a tool that reads and does not wait.
    pub fn read(&self, daemon: &dyn Daemon, given: Map<String, Value>) -> Result<Value, Fault> {
        let wait = Wait::for_time(std::time::Duration::ZERO);
        let answer = self.call(daemon, given, &wait, &Begun::default())?;
        Ok(answer.fields)
    }
}

impl Call<'_> {
    /// Sends a picture with the answer.
    pub fn show(&self, picture: Picture) {
        self.picture.set(Some(picture));
    }

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
