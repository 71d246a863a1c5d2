//! What a service manager is told. Without one (no `NOTIFY_SOCKET`) each call does nothing.

use std::time::Duration;

/// The daemon answers.
pub fn ready() {
    tell(&[Message::Ready]);
}

/// The daemon is alive; due every [`watchdog_interval`].
pub fn watchdog() {
    tell(&[Message::Watchdog]);
}

/// The daemon is about to end.
pub fn stopping() {
    tell(&[Message::Stopping]);
}

/// How often to call [`watchdog`]: half the time after which systemd would restart the daemon. None where nobody watches.
pub fn watchdog_interval() -> Option<Duration> {
    limit().map(|limit| limit / 2)
}

#[cfg(unix)]
use sd_notify::NotifyState as Message;

#[cfg(unix)]
fn tell(messages: &[Message<'_>]) {
    if let Err(error) = sd_notify::notify(messages) {
        tracing::warn!(%error, "the service manager does not listen");
    }
}

#[cfg(unix)]
fn limit() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

#[cfg(not(unix))]
enum Message {
    Ready,
    Watchdog,
    Stopping,
}

#[cfg(not(unix))]
fn tell(_: &[Message]) {}

#[cfg(not(unix))]
fn limit() -> Option<Duration> {
    None
}
