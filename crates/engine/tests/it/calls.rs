//! Calls of tools of add-ons: who may call what, and what happens to a call.

mod admission;
mod ends;
mod histories;
mod intents;
mod permission;
mod registry;
mod stage;
