//! The documented JSON of commands, responses and events, as agents and add-ons of other programs write it.

mod command;
mod event;
mod response;

pub use command::{AddonCommand, RequestId};
pub use event::{AvailableAddon, Listing, RegistryEvent, registry_events};
pub use response::{CommandResponse, HandlerResult, ResultStatus};
