//! Takes previews for one client when they may be written: at a limited rate, and only into a socket that takes bytes.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::tcp::OwnedWriteHalf;
use tokio::time::{Instant, sleep_until};
use vibesync_protocol::DaemonMessage;

use super::preview_slots::PreviewSlots;

/// Time between two messages in the long run: 60 a second.
const INTERVAL: Duration = Duration::from_nanos(16_666_667);

/// The previews of one client, for its writer.
#[derive(Debug)]
pub struct PreviewDrain {
    slots: Arc<PreviewSlots>,
    pace: Pace,
}

/// The rate of one client's previews. Two messages may follow each other at once, so that a steady sender whose messages
/// come a little early or late is not slowed down.
#[derive(Debug, Default)]
struct Pace {
    /// The time that is used up.
    used_until: Option<Instant>,
}

impl Pace {
    /// Returns the time of the next message; none if it may be written at once.
    fn ready_at(&self) -> Option<Instant> {
        self.used_until.map(|until| until - INTERVAL)
    }

    fn note(&mut self, messages: usize, now: Instant) {
        let begin = self.used_until.map_or(now, |until| until.max(now));
        let count = u32::try_from(messages).unwrap_or(u32::MAX);
        self.used_until = Some(begin + INTERVAL * count);
    }
}

impl PreviewDrain {
    /// Creates the drain of these slots.
    pub fn new(slots: Arc<PreviewSlots>) -> Self {
        Self {
            slots,
            pace: Pace::default(),
        }
    }

    /// Waits until previews may be written.
    pub async fn due(&mut self, socket: &OwnedWriteHalf) {
        self.slots.filled().await;
        if let Some(at) = self.pace.ready_at() {
            sleep_until(at).await;
        }
        // A broken connection shows at the next write.
        let _ = socket.writable().await;
    }

    /// Takes previews that are due. They must be written.
    pub fn take(&mut self) -> Vec<DaemonMessage> {
        let messages = self.slots.take();
        self.pace.note(messages.len(), Instant::now());
        messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_is_sixty_a_second_with_two_at_once() {
        let begin = Instant::now();
        let (mut pace, mut now, mut sent) = (Pace::default(), begin, 0);
        while now < begin + Duration::from_secs(10) {
            pace.note(1, now);
            sent += 1;
            now = pace.ready_at().map_or(now, |at| at.max(now));
        }
        assert_eq!(sent, 10 * 60 + 1);
    }

    #[test]
    fn steady_sender_is_not_slowed_down() {
        let begin = Instant::now();
        let mut pace = Pace::default();
        for frame in 0..600 {
            let early = if frame % 2 == 0 { 0 } else { 9 };
            let at = begin + INTERVAL * frame + Duration::from_millis(20 - early);
            assert!(pace.ready_at().is_none_or(|ready| ready <= at), "{frame}");
            pace.note(1, at);
        }
    }

    #[test]
    fn pause_saves_nothing_up() {
        let begin = Instant::now();
        let mut pace = Pace::default();
        pace.note(1, begin);
        let later = begin + Duration::from_secs(5);
        pace.note(2, later);
        assert_eq!(pace.ready_at(), Some(later + INTERVAL));
    }
}
