//! Calls of tools of add-ons: admission, the way to the editor, what they change, and their end.
//!
//! A call is [admitted](admit) or refused at once. Its record is durable before the editor hears of it. It has exactly one
//! end: the editor's answer, a time limit, a lost editor, the agent's cancel, or a start of the daemon.

pub(crate) mod admit;
pub(crate) mod answers;
pub(crate) mod asking;
pub(crate) mod budget;
pub(crate) mod dispatch;
pub(crate) mod finish;
pub(crate) mod intent;
pub(crate) mod open;
pub(crate) mod resolve;
pub(crate) mod state;
