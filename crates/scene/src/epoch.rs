//! Epochs: the parts of a log that one run of the daemon wrote each. They tell two histories apart that have the same
//! sequences.
//!
//! Only one writer numbers the records of an epoch. So two histories that both have an epoch share its records up to the
//! smaller of their ends, and everything before it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::EpochId;

/// Most epochs that a handshake carries: the newest ones.
pub const MAX_WIRE_EPOCHS: usize = 64;

/// The part of a log that one run of the daemon wrote, or that a recovery began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Epoch {
    /// Chosen at random when the epoch begins.
    pub id: EpochId,
    /// Sequence of its first record. It ends before the next epoch, or at the head.
    pub first_seq: u64,
}

/// The epochs of a log, in the order of their first records. Records before the first epoch come from a version of the
/// program that had none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epochs(Vec<Epoch>);

impl Epochs {
    /// Adds an epoch. Drops those that begin later: after a recovery they are not in the log. Several may begin at the
    /// same record: each start after a transaction without all its steps begins there, until one has undone it. The log
    /// has the `BOOT` records of all of them.
    pub fn begin(&mut self, epoch: Epoch) {
        self.0.retain(|older| older.first_seq <= epoch.first_seq);
        self.0.push(epoch);
    }

    /// All epochs, oldest first.
    pub fn as_slice(&self) -> &[Epoch] {
        &self.0
    }

    /// The epochs that had begun at a record, oldest first.
    pub fn up_to(&self, seq: u64) -> impl Iterator<Item = &Epoch> {
        self.0
            .iter()
            .take_while(move |epoch| epoch.first_seq <= seq)
    }

    /// The newest epochs, oldest first: as many as a handshake carries.
    pub fn newest(&self) -> &[Epoch] {
        let from = self.0.len().saturating_sub(MAX_WIRE_EPOCHS);
        self.0.get(from..).unwrap_or_default()
    }

    /// Returns true if the log has this epoch.
    pub fn contains(&self, id: EpochId) -> bool {
        self.0.iter().any(|epoch| epoch.id == id)
    }

    /// Returns the last record that a client's history shares with this log; none if the log has all of it.
    ///
    /// `head` is the last record of the log, and `last_seq` the last one that the client has seen.
    pub fn divergence(&self, head: u64, theirs: &[Epoch], last_seq: u64) -> Option<u64> {
        if last_seq == 0 {
            return None;
        }
        let common = common_end((&self.0, head), (theirs, last_seq));
        let knows_newest = theirs.last().is_none_or(|newest| self.contains(newest.id));
        (last_seq > common || !knows_newest).then_some(common)
    }
}

/// Returns the last sequence that two histories share: each the epochs and the last record. It is the smaller of the two
/// ends of the newest epoch that both have. Without such an epoch, they share the records before their first epochs.
pub fn common_end((ours, our_head): (&[Epoch], u64), (theirs, their_head): (&[Epoch], u64)) -> u64 {
    let heads = our_head.min(their_head);
    let end = |epochs: &[Epoch], next: usize| match epochs.get(next) {
        Some(epoch) => epoch.first_seq.saturating_sub(1),
        None => u64::MAX,
    };
    for (their_index, epoch) in theirs.iter().enumerate().rev() {
        if let Some(our_index) = ours.iter().position(|our| our.id == epoch.id) {
            let ends = end(ours, our_index + 1).min(end(theirs, their_index + 1));
            return heads.min(ends);
        }
    }
    if theirs.len() >= MAX_WIRE_EPOCHS {
        // The first epochs of that history are not in the list, so its beginning is unknown.
        return 0;
    }
    heads.min(end(ours, 0)).min(end(theirs, 0))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn epoch(id: u128, first_seq: u64) -> Epoch {
        Epoch {
            id: EpochId(Uuid::from_u128(id)),
            first_seq,
        }
    }

    fn log(epochs: &[(u128, u64)]) -> Epochs {
        let mut list = Epochs::default();
        for (id, first_seq) in epochs {
            list.begin(epoch(*id, *first_seq));
        }
        list
    }

    /// The second start undoes the transaction at 10, since the `ROLLBACK` of the first one is lost.
    #[test]
    fn starts_over_the_same_transaction_are_all_known() {
        let ours = log(&[(1, 1), (2, 10), (3, 10)]);
        assert!(ours.contains(EpochId(Uuid::from_u128(2))));
        let first = [epoch(1, 1), epoch(2, 10)];
        assert_eq!(ours.divergence(20, &first, 9), None);
        assert_eq!(ours.divergence(20, &first, 12), Some(9));
    }

    #[test]
    fn history_that_the_log_continues_does_not_diverge() {
        let ours = log(&[(1, 1), (2, 10), (3, 20)]);
        for (theirs, last_seq) in [
            (vec![], 0),
            (vec![epoch(1, 1)], 9),
            (vec![epoch(1, 1), epoch(2, 10)], 8),
            (vec![epoch(2, 10)], 19),
            (vec![epoch(1, 1), epoch(2, 10), epoch(3, 20)], 30),
        ] {
            assert_eq!(ours.divergence(30, &theirs, last_seq), None, "{theirs:?}");
        }
    }

    #[test]
    fn two_epochs_with_same_sequence_are_told_apart() {
        let ours = log(&[(1, 1), (3, 10)]);
        let theirs = [epoch(1, 1), epoch(2, 10)];
        assert_eq!(ours.divergence(30, &theirs, 30), Some(9));
        assert_eq!(ours.divergence(30, &theirs, 5), Some(5));
    }

    #[test]
    fn common_end_is_the_smaller_end_of_the_newest_common_epoch() {
        let ours = log(&[(1, 1), (4, 15)]);
        let theirs = [epoch(1, 1), epoch(2, 10), epoch(3, 12)];
        assert_eq!(ours.divergence(20, &theirs, 14), Some(9));
        let behind = [epoch(1, 1), epoch(2, 18)];
        assert_eq!(ours.divergence(20, &behind, 20), Some(14));
        // Cut within an epoch: the same list, and an earlier end.
        assert_eq!(log(&[(1, 1)]).divergence(7, &[epoch(1, 1)], 9), Some(7));
    }

    #[test]
    fn histories_without_a_common_epoch_share_what_is_older_than_epochs() {
        let ours = log(&[(1, 6)]);
        assert_eq!(ours.divergence(20, &[epoch(2, 4)], 20), Some(3));
        assert_eq!(ours.divergence(20, &[epoch(2, 8)], 20), Some(5));
        assert_eq!(ours.divergence(20, &[], 5), None);
        assert_eq!(ours.divergence(20, &[], 7), Some(5));
        let many: Vec<Epoch> = (0..64).map(|i| epoch(100 + i, 8 + i as u64)).collect();
        assert_eq!(ours.divergence(200, &many, 100), Some(0));
    }

    #[test]
    fn recovery_takes_the_place_of_the_epochs_after_its_source() {
        let recovered = log(&[(1, 1), (2, 10), (3, 20), (4, 15)]);
        assert_eq!(
            recovered.as_slice(),
            [epoch(1, 1), epoch(2, 10), epoch(4, 15)]
        );
        let theirs = [epoch(1, 1), epoch(2, 10), epoch(3, 20)];
        assert_eq!(recovered.divergence(90, &theirs, 25), Some(14));
    }

    #[test]
    fn handshake_carries_the_newest_epochs() {
        let list: Vec<(u128, u64)> = (1..=70).map(|i| (u128::from(i), i)).collect();
        let newest = log(&list).newest().to_vec();
        assert_eq!(
            (newest.len(), newest[0], newest[63]),
            (64, epoch(7, 7), epoch(70, 70))
        );
    }
}
