//! The senders of previews: what each of them shows, and how fast it sends.

use std::collections::BTreeMap;

use vibesync_protocol::{MAX_SHOWN, PreviewCounts};
use vibesync_scene::{SessionId, Uuid};

use crate::governance::rate::Bucket;
use crate::options::Rate;

/// Messages of one sender. Twice the rate at which an editor draws, so that an honest one never exceeds it.
const RATE: Rate = Rate {
    changes_per_s: 120,
    burst: 60,
};

/// Time after which receivers have put a value back by themselves, milliseconds. Longer than the second of the protocol,
/// because a value may be under way.
const SHOWN_MS: u64 = 5_000;

/// The previews of all connections. Nothing here outlives a connection, and no decision depends on it.
#[derive(Debug, Default)]
pub(crate) struct Previews {
    senders: BTreeMap<SessionId, PreviewSender>,
    pub counts: PreviewCounts,
}

/// The previews of one connection.
#[derive(Debug, Default)]
pub(crate) struct PreviewSender {
    /// The newest `seq`.
    seq: u64,
    bucket: Bucket,
    /// Entities that receivers may be showing, each with the time of its newest value.
    shown: BTreeMap<Uuid, u64>,
}

impl Previews {
    /// Returns the state of a connection.
    pub fn sender(&mut self, session: SessionId) -> &mut PreviewSender {
        self.senders.entry(session).or_default()
    }

    /// Forgets a connection. Returns the entities that receivers may still be showing.
    pub fn remove_session(&mut self, session: SessionId, now: u64) -> Vec<Uuid> {
        let mut sender = self.senders.remove(&session).unwrap_or_default();
        sender.forget_old(now);
        sender.shown.into_keys().collect()
    }
}

impl PreviewSender {
    /// Returns true if the sender may send a message now.
    pub fn is_within_rate(&mut self, now: u64) -> bool {
        self.bucket.take(&RATE, 1, now).is_ok()
    }

    /// Notes the number of a message. Returns false if it is not newer than all before.
    pub fn advance(&mut self, seq: u64) -> bool {
        let is_newer = seq > self.seq;
        self.seq = self.seq.max(seq);
        is_newer
    }

    /// Notes that receivers show an entity. Returns false if they show too many already.
    pub fn show(&mut self, uuid: Uuid, now: u64) -> bool {
        let has_room = self.shown.len() < MAX_SHOWN || self.shown.contains_key(&uuid);
        if has_room {
            self.shown.insert(uuid, now);
        }
        has_room
    }

    /// Notes that receivers do not show these entities any more.
    pub fn end(&mut self, uuids: &[Uuid]) {
        for uuid in uuids {
            self.shown.remove(uuid);
        }
    }

    /// Forgets what receivers have put back by themselves.
    pub fn forget_old(&mut self, now: u64) {
        self.shown.retain(|_, at| now < *at + SHOWN_MS);
    }
}
