//! Candidates: the witnesses of the log that hold a state from which it can be recovered. Compares and chooses them;
//! no I/O.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use blake3::{Hash, Hasher};
use vibesync_scene::{EpochId, Epochs, Scene, Uuid};

use crate::wal::Tip;

/// A place that holds the state at some record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The log, up to its first damage.
    Log,
    /// The checkpoint of a sequence, and the intact records after it.
    Checkpoint(u64),
    /// The registry, and the intact records after it.
    Registry,
    /// A commit of the audit, by its id.
    Audit(String),
}

impl Source {
    /// Orders sources of equal sequence. The log has everything, a checkpoint all but the earlier records, the registry
    /// no failures and no memory of operations, the audit no versions either.
    fn rank(&self) -> u8 {
        match self {
            Source::Log => 3,
            Source::Checkpoint(_) => 2,
            Source::Registry => 1,
            Source::Audit(_) => 0,
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Log => f.write_str("log"),
            Source::Checkpoint(seq) => write!(f, "checkpoint:{seq}"),
            Source::Registry => f.write_str("registry"),
            Source::Audit(commit) => write!(f, "audit:{}", commit.get(..8).unwrap_or(commit)),
        }
    }
}

/// The witness that a person names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceName {
    /// `log`
    Log,
    /// `checkpoint` for the newest one, or `checkpoint:SEQ`
    Checkpoint(Option<u64>),
    /// `registry`
    Registry,
    /// `audit` for the newest commit, or `audit:COMMIT` with the first digits of an id
    Audit(Option<String>),
}

impl FromStr for SourceName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, which) = match text.split_once(':') {
            Some((name, which)) => (name, Some(which)),
            None => (text, None),
        };
        let unknown =
            || format!("{text} is no witness: log, checkpoint[:SEQ], registry or audit[:COMMIT]");
        match (name, which) {
            ("log", None) => Ok(SourceName::Log),
            ("registry", None) => Ok(SourceName::Registry),
            ("checkpoint", None) => Ok(SourceName::Checkpoint(None)),
            ("checkpoint", Some(seq)) => {
                let seq = seq.parse().map_err(|_| format!("{seq} is no sequence"))?;
                Ok(SourceName::Checkpoint(Some(seq)))
            }
            ("audit", which) => Ok(SourceName::Audit(which.map(str::to_owned))),
            _ => Err(unknown()),
        }
    }
}

impl SourceName {
    /// Whether this name means that source.
    pub fn matches(&self, source: &Source) -> bool {
        match (self, source) {
            (SourceName::Log, Source::Log) | (SourceName::Registry, Source::Registry) => true,
            (SourceName::Checkpoint(named), Source::Checkpoint(seq)) => {
                named.is_none_or(|named| named == *seq)
            }
            (SourceName::Audit(None), Source::Audit(_)) => true,
            (SourceName::Audit(Some(digits)), Source::Audit(commit)) => commit.starts_with(digits),
            _ => false,
        }
    }
}

/// The content of each live entity, as a hash.
pub type Fingerprints = BTreeMap<Uuid, Hash>;

/// Returns the fingerprints of a scene.
pub fn fingerprints(scene: &Scene) -> serde_json::Result<Fingerprints> {
    let live = scene.rows().filter(|row| !row.tombstone);
    live.map(|row| {
        let json = serde_json::to_vec(&row.entity)?;
        Ok((row.entity.uuid, blake3::hash(&json)))
    })
    .collect()
}

/// A witness whose state can be used.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The place.
    pub source: Source,
    /// The last record that its state includes.
    pub tip: Tip,
    /// Its live entities.
    pub entities: Fingerprints,
    /// The epochs that it knows.
    pub epochs: Epochs,
    /// Number of deleted entities that it knows.
    pub tombstones: usize,
    /// Number of blobs of its live entities that are missing.
    pub missing_blobs: usize,
    /// The reason why its state is not that of a later record, for people.
    pub ends_because: Option<String>,
}

/// A witness whose state cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnusableCandidate {
    /// Its name, such as `registry`.
    pub name: String,
    /// The reason.
    pub why: String,
}

/// The difference between the scene of a witness and a more advanced one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Number of records that the witness does not know.
    pub records: u64,
    /// Number of entities that it does not have.
    pub missing: usize,
    /// Number of entities that it has with another content.
    pub different: usize,
    /// Number of entities that it has and that were deleted since.
    pub revived: usize,
}

impl Candidate {
    /// Returns what a recovery from this witness loses, compared with another one. `highest` is the last record that any
    /// witness names.
    pub fn loss(&self, best: &Candidate, highest: u64) -> Loss {
        let mut loss = Loss {
            records: highest.saturating_sub(self.tip.seq),
            ..Loss::default()
        };
        for (uuid, content) in &best.entities {
            match self.entities.get(uuid) {
                None => loss.missing += 1,
                Some(mine) if mine != content => loss.different += 1,
                Some(_) => {}
            }
        }
        let is_revived = |uuid: &&Uuid| !best.entities.contains_key(*uuid);
        loss.revived = self.entities.keys().filter(is_revived).count();
        loss
    }
}

/// Returns the witness that a person named, or the one that is best: with the highest sequence, then the most complete
/// kind. None if there is no such witness.
pub fn choose<'a>(
    candidates: &'a [Candidate],
    named: Option<&SourceName>,
) -> Option<&'a Candidate> {
    let is_wanted =
        |candidate: &&Candidate| named.is_none_or(|name| name.matches(&candidate.source));
    let all = candidates.iter().filter(is_wanted);
    all.max_by_key(|candidate| (candidate.tip.seq, candidate.source.rank()))
}

/// Returns the record after which a recovered log begins. `chosen` is the last record of the recovered state, and
/// `named` are the records that any witness names.
///
/// If no witness names a later or another record, the log goes on after `chosen`. Otherwise it begins after a record that
/// never existed, with the first sequence that no witness names, so that no number is used twice.
pub fn base(chosen: Tip, named: &[Tip], epoch: EpochId) -> Tip {
    let is_past = |tip: &Tip| tip.seq > chosen.seq || (tip.seq == chosen.seq && *tip != chosen);
    if !named.iter().any(is_past) {
        return chosen;
    }
    let highest = named.iter().map(|tip| tip.seq).max().unwrap_or_default();
    let mut hasher = Hasher::new();
    hasher.update(b"vibesync recovery 1\n");
    hasher.update(chosen.hash.as_bytes());
    hasher.update(epoch.0.as_bytes());
    Tip {
        seq: highest + 1,
        hash: hasher.finalize(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(source: Source, seq: u64, entities: &[(u128, &str)]) -> Candidate {
        let content = |(uuid, content): &(u128, &str)| {
            (Uuid::from_u128(*uuid), blake3::hash(content.as_bytes()))
        };
        Candidate {
            source,
            tip: tip(seq, "a"),
            entities: entities.iter().map(content).collect(),
            epochs: Epochs::default(),
            tombstones: 0,
            missing_blobs: 0,
            ends_because: None,
        }
    }

    fn tip(seq: u64, content: &str) -> Tip {
        Tip {
            seq,
            hash: blake3::hash(content.as_bytes()),
        }
    }

    #[test]
    fn highest_sequence_is_chosen_then_the_most_complete_kind() {
        let audit = Source::Audit("ab12cd34ef".into());
        let all = [
            candidate(Source::Log, 10, &[]),
            candidate(Source::Checkpoint(8), 10, &[]),
            candidate(Source::Checkpoint(12), 20, &[]),
            candidate(Source::Registry, 20, &[]),
            candidate(audit.clone(), 20, &[]),
        ];
        let chosen = |name: Option<&str>| {
            let name = name.map(|name| name.parse().unwrap());
            choose(&all, name.as_ref()).map(|candidate| candidate.source.clone())
        };
        assert_eq!(chosen(None), Some(Source::Checkpoint(12)));
        assert_eq!(chosen(Some("log")), Some(Source::Log));
        assert_eq!(chosen(Some("checkpoint")), Some(Source::Checkpoint(12)));
        assert_eq!(chosen(Some("checkpoint:8")), Some(Source::Checkpoint(8)));
        assert_eq!(chosen(Some("checkpoint:9")), None);
        assert_eq!(chosen(Some("audit:ab12")), Some(audit));
        assert_eq!(chosen(Some("audit:ff")), None);
        for wrong in ["", "logs", "log:3", "checkpoint:x", "registry:1"] {
            assert!(wrong.parse::<SourceName>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn loss_counts_missing_different_and_revived_entities() {
        let best = candidate(Source::Log, 20, &[(1, "a"), (2, "b"), (3, "c")]);
        let other = candidate(Source::Registry, 15, &[(2, "b"), (3, "old"), (4, "gone")]);
        let expected = Loss {
            records: 7,
            missing: 1,
            different: 1,
            revived: 1,
        };
        assert_eq!(other.loss(&best, 22), expected);
    }

    #[test]
    fn no_sequence_that_a_witness_names_is_used_again() {
        let epoch = EpochId(Uuid::from_u128(7));
        let chosen = tip(10, "a");
        assert_eq!(base(chosen, &[tip(4, "x"), chosen], epoch), chosen);
        let ahead = base(chosen, &[tip(15, "b"), chosen], epoch);
        assert_eq!(ahead.seq, 16);
        let other = base(chosen, &[tip(10, "b")], epoch);
        assert_eq!(other.seq, 11);
        assert_ne!(other.hash, chosen.hash);
        assert_ne!(
            base(chosen, &[tip(15, "b")], EpochId(Uuid::from_u128(8))),
            ahead
        );
    }
}
