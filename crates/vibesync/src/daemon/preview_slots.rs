//! The previews that wait for one client: the newest value of each entity, and no more than fits.
//!
//! They wait beside the send queue, not in it. So they delay no message, take a bounded amount of memory, and a client that
//! reads slowly gets fewer of them.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use vibesync_protocol::{
    DaemonMessage, MAX_POSITION_BYTES, MAX_PREVIEWED, MAX_SHOWN, PreviewChange, PreviewCounts,
};
use vibesync_scene::{Role, Uuid};

/// Most bytes of patches of positions that wait for one client.
const MAX_WAITING_BYTES: usize = 4 * MAX_POSITION_BYTES;

/// Numbers of values since the daemon started, by what became of them.
#[derive(Debug, Default)]
pub struct PreviewCounters {
    sent: AtomicU64,
    superseded: AtomicU64,
    dropped: AtomicU64,
}

impl PreviewCounters {
    /// Adds the counters to those of the engine.
    pub fn add_to(&self, counts: &mut PreviewCounts) {
        counts.sent += self.sent.load(Ordering::Relaxed);
        counts.superseded += self.superseded.load(Ordering::Relaxed);
        counts.dropped += self.dropped.load(Ordering::Relaxed);
    }
}

/// The values that wait for one client.
#[derive(Debug)]
pub struct PreviewSlots {
    waiting: Mutex<Waiting>,
    filled: Notify,
    counters: Arc<PreviewCounters>,
}

/// One slot for each entity, in the order in which the entities came.
#[derive(Debug, Default)]
struct Waiting {
    slots: BTreeMap<u64, (Uuid, Slot)>,
    turns: HashMap<Uuid, u64>,
    next_turn: u64,
    /// Bytes of the patches of positions.
    bytes: usize,
}

/// The newest news of an entity.
#[derive(Debug)]
enum Slot {
    Show(Role, Box<PreviewChange>),
    End,
}

impl Slot {
    fn bytes(&self) -> usize {
        match self {
            Slot::Show(_, change) => change.patch_bytes(),
            Slot::End => 0,
        }
    }
}

impl Waiting {
    /// Puts the newest news of an entity into its slot. Returns the news that it replaces; none if there is no room.
    fn put(&mut self, uuid: Uuid, slot: Slot) -> Result<Option<Slot>, Full> {
        let known = self.turns.get(&uuid).copied();
        let old = known.and_then(|turn| self.slots.get(&turn));
        let bytes = self.bytes - old.map_or(0, |(_, old)| old.bytes()) + slot.bytes();
        if bytes > MAX_WAITING_BYTES || (known.is_none() && self.slots.len() >= MAX_SHOWN) {
            return Err(Full);
        }
        self.bytes = bytes;
        if let Some(turn) = known {
            return Ok(self.slots.insert(turn, (uuid, slot)).map(|(_, it)| it));
        }
        self.turns.insert(uuid, self.next_turn);
        self.slots.insert(self.next_turn, (uuid, slot));
        self.next_turn += 1;
        Ok(None)
    }

    fn remove(&mut self, uuid: Uuid) -> Option<Slot> {
        let turn = self.turns.remove(&uuid)?;
        let (_, slot) = self.slots.remove(&turn)?;
        self.bytes -= slot.bytes();
        Some(slot)
    }

    /// Takes the news that have waited longest, if its patch has at most so many bytes.
    fn pop(&mut self, room: usize) -> Option<(Uuid, Slot)> {
        let (_, (uuid, slot)) = self.slots.first_key_value()?;
        if slot.bytes() > room {
            return None;
        }
        let uuid = *uuid;
        self.remove(uuid).map(|slot| (uuid, slot))
    }
}

/// All slots are taken by other entities.
struct Full;

impl PreviewSlots {
    /// Creates the slots of a client.
    pub fn new(counters: Arc<PreviewCounters>) -> Self {
        Self {
            waiting: Mutex::default(),
            filled: Notify::new(),
            counters,
        }
    }

    /// Lets these values wait, in place of older ones of the same entities.
    pub fn show(&self, from: Role, changes: Vec<PreviewChange>) {
        let mut waiting = self.lock();
        for change in changes {
            match waiting.put(change.uuid, Slot::Show(from, Box::new(change))) {
                Ok(Some(Slot::Show(..))) => count(&self.counters.superseded, 1),
                Ok(_) => {}
                Err(Full) => count(&self.counters.dropped, 1),
            }
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Lets the end of these previews wait, in place of values of the same entities.
    pub fn end(&self, uuids: Vec<Uuid>) {
        let mut waiting = self.lock();
        for uuid in uuids {
            // Without room, the client puts the value back by itself after a second.
            if let Ok(Some(Slot::Show(..))) = waiting.put(uuid, Slot::End) {
                count(&self.counters.superseded, 1);
            }
        }
        drop(waiting);
        self.filled.notify_one();
    }

    /// Drops what waits about these entities, because a durable change of them is on its way.
    pub fn supersede(&self, uuids: impl Iterator<Item = Uuid>) {
        let mut waiting = self.lock();
        if waiting.slots.is_empty() {
            return;
        }
        for uuid in uuids {
            if let Some(Slot::Show(..)) = waiting.remove(uuid) {
                count(&self.counters.superseded, 1);
            }
        }
    }

    /// Waits until something waits.
    pub async fn filled(&self) {
        while self.lock().slots.is_empty() {
            self.filled.notified().await;
        }
    }

    /// Takes the news of the entities that have waited longest: at most one message of ends and one of values.
    pub fn take(&self) -> Vec<DaemonMessage> {
        let mut waiting = self.lock();
        let (mut ended, mut shown, mut sender) = (Vec::new(), Vec::new(), None);
        let mut room = MAX_POSITION_BYTES;
        while ended.len() + shown.len() < MAX_PREVIEWED {
            match waiting.pop(room) {
                Some((uuid, Slot::End)) => ended.push(uuid),
                Some((_, Slot::Show(from, change))) => {
                    sender = Some(from);
                    room -= change.patch_bytes();
                    shown.push(*change);
                }
                None => break,
            }
        }
        drop(waiting);
        count(&self.counters.sent, shown.len() as u64);
        let ends = (!ended.is_empty()).then_some(DaemonMessage::PreviewEnd { uuids: ended });
        let values = sender.map(|from| DaemonMessage::Preview {
            from,
            changes: shown,
        });
        ends.into_iter().chain(values).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(counter: &AtomicU64, values: u64) {
    counter.fetch_add(values, Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use vibesync_protocol::{Patch, PositionPatch};
    use vibesync_scene::{BlobId, Components, Transform};

    fn value(id: u128, x: f64) -> PreviewChange {
        let transform = Transform {
            translation: [x, 0.0, 0.0],
            ..Transform::IDENTITY
        };
        PreviewChange {
            uuid: Uuid::from_u128(id),
            components: Components {
                transform: Some(transform),
                ..Components::default()
            },
            positions: None,
        }
    }

    fn preview(changes: Vec<PreviewChange>) -> DaemonMessage {
        let from = Role::Blender;
        DaemonMessage::Preview { from, changes }
    }

    fn end(ids: impl IntoIterator<Item = u128>) -> DaemonMessage {
        let uuids = ids.into_iter().map(Uuid::from_u128).collect();
        DaemonMessage::PreviewEnd { uuids }
    }

    fn slots() -> PreviewSlots {
        PreviewSlots::new(Arc::default())
    }

    /// Returns the numbers of sent, superseded and dropped values.
    fn counted(slots: &PreviewSlots) -> (u64, u64, u64) {
        let mut counts = PreviewCounts::default();
        slots.counters.add_to(&mut counts);
        (counts.sent, counts.superseded, counts.dropped)
    }

    #[test]
    fn newest_value_of_an_entity_waits_in_its_slot() {
        let slots = slots();
        slots.show(Role::Blender, vec![value(1, 1.0), value(2, 1.0)]);
        slots.show(Role::Blender, vec![value(1, 2.0)]);
        slots.show(Role::Blender, vec![value(1, 3.0)]);
        assert_eq!(slots.take(), [preview(vec![value(1, 3.0), value(2, 1.0)])]);
        assert_eq!(slots.take(), []);
        assert_eq!(counted(&slots), (2, 2, 0));
    }

    #[test]
    fn end_replaces_a_value_and_a_value_an_end() {
        let slots = slots();
        slots.show(Role::Blender, vec![value(1, 1.0), value(2, 1.0)]);
        slots.end(vec![Uuid::from_u128(1), Uuid::from_u128(3)]);
        slots.show(Role::Blender, vec![value(3, 1.0)]);
        assert_eq!(
            slots.take(),
            [end([1]), preview(vec![value(2, 1.0), value(3, 1.0)])]
        );
        assert_eq!(counted(&slots), (2, 1, 0));
    }

    #[test]
    fn durable_change_removes_what_waits() {
        let slots = slots();
        slots.show(Role::Blender, vec![value(1, 1.0), value(2, 1.0)]);
        slots.supersede([1, 7].into_iter().map(Uuid::from_u128));
        assert_eq!(slots.take(), [preview(vec![value(2, 1.0)])]);
        assert_eq!(counted(&slots), (1, 1, 0));
    }

    #[test]
    fn number_of_slots_is_bounded() {
        let slots = slots();
        for id in 0..10 * MAX_SHOWN as u128 {
            slots.show(Role::Blender, vec![value(id, 1.0)]);
            slots.end(vec![Uuid::from_u128(id + (1 << 64))]);
        }
        let waiting = slots.lock();
        assert_eq!(waiting.slots.len(), MAX_SHOWN);
        assert_eq!(waiting.turns.len(), MAX_SHOWN);
        drop(waiting);
        slots.show(Role::Blender, vec![value(0, 2.0)]);
        let first = slots.take();
        assert!(
            matches!(&first[..], [_, DaemonMessage::Preview { changes, .. }] if changes[0] == value(0, 2.0)),
            "an entity that has a slot keeps it"
        );
    }

    #[test]
    fn those_that_wait_longest_go_first_in_parts() {
        let slots = slots();
        let many = (0..MAX_PREVIEWED as u128 + 1).rev();
        slots.show(Role::Blender, many.map(|id| value(id, 1.0)).collect());
        slots.show(Role::Blender, vec![value(MAX_PREVIEWED as u128, 2.0)]);
        let parts: Vec<usize> = std::iter::from_fn(|| match &slots.take()[..] {
            [DaemonMessage::Preview { changes, .. }] => Some(changes.len()),
            _ => None,
        })
        .collect();
        assert_eq!(parts, [MAX_PREVIEWED, 1]);
    }

    /// Returns a value with a patch of so many bytes, and a mark in its address.
    fn positions(id: u128, mark: &[u8], bytes: usize) -> PreviewChange {
        PreviewChange {
            uuid: Uuid::from_u128(id),
            positions: Some(PositionPatch {
                base: BlobId::hash(mark),
                bytes: 12,
                attachment: 0,
                patch: Patch(vec![0; bytes].into()),
            }),
            ..PreviewChange::default()
        }
    }

    #[test]
    fn waiting_bytes_of_patches_are_bounded() {
        let slots = slots();
        let most = MAX_WAITING_BYTES / MAX_POSITION_BYTES;
        for id in 0..=most as u128 {
            let change = positions(id, b"old", MAX_POSITION_BYTES);
            slots.show(Role::Blender, vec![change]);
        }
        assert_eq!(counted(&slots), (0, 0, 1));
        let newest = positions(0, b"new", MAX_POSITION_BYTES);
        slots.show(Role::Blender, vec![newest.clone()]);
        assert_eq!(counted(&slots), (0, 1, 1), "a newer one takes its place");
        assert_eq!(slots.take(), [preview(vec![newest])]);
        slots.supersede([Uuid::from_u128(1)].into_iter());
        slots.end(vec![Uuid::from_u128(2)]);
        assert_eq!(slots.lock().bytes, MAX_POSITION_BYTES);
        let rest = positions(3, b"old", MAX_POSITION_BYTES);
        assert_eq!(slots.take(), [end([2]), preview(vec![rest])]);
        assert_eq!(slots.lock().bytes, 0);
    }

    #[test]
    fn patches_of_a_message_have_a_bounded_size() {
        let slots = slots();
        let half = MAX_POSITION_BYTES / 2;
        let changes: Vec<_> = (0..3).map(|id| positions(id, b"base", half)).collect();
        slots.show(Role::Blender, changes.clone());
        assert_eq!(slots.take(), [preview(changes[..2].to_vec())]);
        assert_eq!(slots.take(), [preview(changes[2..].to_vec())]);
    }
}
