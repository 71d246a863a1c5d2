//! The server for AI agents: the Model Context Protocol over standard input and output, or over HTTP.
//!
//! A request passes `serve` or `http` -> `server` -> `calls` -> `tools` or `resources` -> [`Daemon`] -> `answer`. The library rmcp,
//! which speaks the protocol, stays in `serve`, `http`, `server`, `listing` and `subscriptions`. Everything here reads; nothing
//! changes the scene.
//!
//! Names, labels and log texts come from people and files. They are data: `text` escapes them, `answer` bounds them.

mod answer;
mod calls;
mod cursor;
mod daemon;
mod http;
mod listing;
mod prompts;
mod resources;
mod schema;
mod serve;
mod server;
mod subscriptions;
mod text;
pub mod tools;

pub use answer::MAX_BYTES;
pub use daemon::{
    ChangedEntity, ChangedValue, Daemon, Diff, DiffRequest, Fault, HistoryLine, HistoryRequest,
    LogLine, LogRequest, Page,
};
pub use http::{HTTP_PATH, HttpLimits, HttpServer};
pub use schema::{Arguments, Field, Kind, Shape};
pub use serve::{End, Limits, serve, serve_stdio};
pub use vibesync_capability::escape;
