//! The engine against simulated editors, message by message.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail so"
)]

mod access;
mod agent;
mod calls;
mod convergence;
mod delivery;
mod governance;
mod harness;
mod intake;
mod memory;
mod previews;
mod reordering;
mod session;
mod transaction;
mod views;
