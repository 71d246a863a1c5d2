//! The server for AI agents: the Model Context Protocol over standard input and output, or over HTTP.
//!
//! A request passes `serve` or `http` -> `server` -> `calls` -> `tools`, `resources` or `completions` -> [`Daemon`] -> `answer`. The library rmcp,
//! which speaks the protocol, stays in `serve`, `http`, `server`, `listing` and `subscriptions`. A change is translated by
//! `change`; the daemon decides about it.
//!
//! Names, labels and log texts come from people and files. They are data: `text` escapes them, `answer` bounds them.

mod answer;
mod begun;
mod calls;
mod capabilities;
mod change;
mod completions;
mod cursor;
mod daemon;
mod http;
mod listing;
mod operation;
mod prompts;
mod resources;
mod schema;
mod serve;
mod server;
mod subscriptions;
mod text;
pub mod tools;
mod wait;

pub use answer::MAX_BYTES;
pub use capabilities::{CallRequest, Called};
pub use daemon::{
    ChangedEntity, ChangedValue, Daemon, Diff, DiffRequest, Fault, HistoryLine, HistoryRequest,
    LogLine, LogRequest, Page,
};
pub use http::{HTTP_PATH, HttpLimits, HttpServer};
pub use operation::{ChangeRequest, Plan, Progress, State, UndoPlan, UndoRequest};
pub use schema::{Arguments, Field, Kind, Shape};
pub use serve::{End, Limits, serve, serve_stdio};
pub use vibesync_capability::escape;
pub use wait::Wait;
