//! `vibesync log replay`: the state that the log alone gives, and whether what was made from it agrees.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;

use serde_json::{Value, json};
use vibesync_scene::{Code, Replay, Row, Uuid};
use vibesync_store::boot;
use vibesync_store::checkpoint;
use vibesync_store::disk::RealDisk;
use vibesync_store::registry::Summary;
use vibesync_store::wal::{Entry, Tip};

use super::{check, coded, read};
use crate::command::{Ended, Exit, registry};
use crate::error::Error;
use crate::filter::Filter;
use crate::project::Project;

/// What is wanted of a replay.
pub(super) struct Wanted<'a> {
    /// The last record that counts; the log's last one where none is given.
    pub seq: Option<u64>,
    /// Its `until` ends the replay too; the entities that these records are about are shown.
    pub filter: &'a Filter,
    /// Whether all entities are shown.
    pub entities: bool,
    /// For machines.
    pub json: bool,
}

pub(super) fn replay(project: &Project, wanted: &Wanted<'_>, out: &mut impl Write) -> Ended {
    let wal = project.wal();
    let tip = check(&wal)?.tip;
    let last = wanted.seq.unwrap_or(tip.seq);
    if last > tip.seq {
        let message = format!("there is no record {last}; the last one is {}", tip.seq);
        return Err(Error::new(Code::SequenceAhead, wal.display(), message).into());
    }
    let (claims, unread) = claims(project)?;
    let replayed = run(&wal, last, wanted, claims)?;
    let summary = summarize(&replayed.state, &wal)?;
    match wanted.json {
        true => writeln!(out, "{}", replayed.json(&summary, &unread))?,
        false => replayed.tell(&summary, &unread, out)?,
    }
    for row in replayed.rows(wanted) {
        let row = serde_json::to_string(row);
        let row = row.map_err(|error| unwritable(&wal, &error))?;
        writeln!(out, "{row}")?;
    }
    match replayed.compared.iter().all(|found| found.agrees) {
        true => Ok(Exit::Fine),
        false => Ok(Exit::Problem),
    }
}

/// What something that was made from the log says of the state at a sequence.
struct Claim {
    who: String,
    summary: Summary,
    /// Hash of the record with that sequence, where it knows.
    hash: Option<String>,
}

/// How a claim compares with the log.
struct Compared {
    who: String,
    seq: u64,
    agrees: bool,
    text: String,
}

struct Replayed {
    state: Replay,
    tip: Tip,
    compared: Vec<Compared>,
    /// Claims about sequences that the replay did not come to.
    beyond: Vec<(String, u64)>,
    touched: BTreeSet<Uuid>,
}

/// Those of the checkpoints and of the registry; and what could not be read.
fn claims(project: &Project) -> Result<(Vec<Claim>, Vec<String>), Error> {
    let (mut claims, mut unread) = (Vec::new(), Vec::new());
    let found = checkpoint::headers(&RealDisk, &project.checkpoints());
    let found = found.map_err(|error| Error::disk(Code::LogDamaged, &error))?;
    for (path, header) in found {
        let who = path.file_name().unwrap_or_default().to_string_lossy();
        match header {
            Ok((tip, summary)) => claims.push(Claim {
                who: format!("checkpoint {who}"),
                summary,
                hash: Some(tip.hash.to_string()),
            }),
            Err(why) => unread.push(format!("checkpoint {who}: {why}")),
        }
    }
    match registry::summary(project) {
        Ok(Some(summary)) => claims.push(Claim {
            who: "the registry".to_owned(),
            summary,
            hash: None,
        }),
        Ok(None) => {}
        Err(error) => unread.push(format!("the registry: {}", error.message)),
    }
    Ok((claims, unread))
}

fn run(
    wal: &Path,
    last: u64,
    wanted: &Wanted<'_>,
    mut claims: Vec<Claim>,
) -> Result<Replayed, Error> {
    // Nothing, or what stands for records that were dropped.
    let (state, tip) = boot::base(&RealDisk, wal).map_err(|error| coded(wal, &error))?;
    if last < tip.seq {
        let message = format!("the records up to {} were dropped", tip.seq);
        return Err(Error::new(Code::SequenceAhead, wal.display(), message));
    }
    let mut replayed = Replayed {
        state,
        tip,
        compared: Vec::new(),
        beyond: Vec::new(),
        touched: BTreeSet::new(),
    };
    for entry in read(wal, tip.seq + 1, last)? {
        let entry = entry.map_err(|error| coded(wal, &error))?;
        if wanted.filter.is_past(&entry) {
            break;
        }
        replayed.take(&entry, wanted.filter);
        let due = claims.extract_if(.., |claim| claim.summary.seq == entry.seq);
        for claim in due.collect::<Vec<_>>() {
            let found = replayed.compare(claim, wal)?;
            replayed.compared.push(found);
        }
    }
    let beyond = claims.into_iter();
    replayed.beyond = beyond.map(|claim| (claim.who, claim.summary.seq)).collect();
    Ok(replayed)
}

impl Replayed {
    fn take(&mut self, entry: &Entry, filter: &Filter) {
        self.state.record(entry.seq, &entry.body);
        self.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        if !filter.is_empty() && filter.wants(entry) {
            self.touched.extend(&entry.body.uuids);
        }
    }

    fn compare(&self, claim: Claim, wal: &Path) -> Result<Compared, Error> {
        let ours = summarize(&self.state, wal)?;
        let same_record = claim
            .hash
            .is_none_or(|hash| hash == self.tip.hash.to_string());
        let text = match (same_record, ours == claim.summary) {
            (true, true) => "agrees".to_owned(),
            (true, false) => format!("it holds {}, the log gives {ours}", claim.summary),
            (false, _) => "the log has another record there".to_owned(),
        };
        Ok(Compared {
            agrees: same_record && ours == claim.summary,
            who: claim.who,
            seq: claim.summary.seq,
            text,
        })
    }

    fn rows<'a>(&'a self, wanted: &Wanted<'_>) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        match wanted.entities {
            true => Box::new(self.state.scene.rows()),
            false => Box::new(
                self.touched
                    .iter()
                    .filter_map(|uuid| self.state.scene.row(*uuid)),
            ),
        }
    }

    fn json(&self, summary: &Summary, unread: &[String]) -> Value {
        let open = self.state.open.values().map(|open| open.operation_id);
        let compared = self.compared.iter().map(|found| {
            json!({"with": found.who, "seq": found.seq, "agrees": found.agrees, "text": found.text})
        });
        let live = self.state.scene.live_count();
        json!({
            "seq": self.tip.seq,
            "hash": self.tip.hash.to_string(),
            "entities": live,
            "tombstones": self.state.scene.len() - live,
            "root": summary.root.to_string(),
            "open_operations": open.collect::<Vec<_>>(),
            "compared": compared.collect::<Vec<_>>(),
            "not_compared": self.unreached().chain(unread.iter().cloned()).collect::<Vec<_>>(),
        })
    }

    fn tell(
        &self,
        summary: &Summary,
        unread: &[String],
        out: &mut impl Write,
    ) -> std::io::Result<()> {
        let live = self.state.scene.live_count();
        let tombstones = self.state.scene.len() - live;
        let (seq, hash) = (self.tip.seq, self.tip.hash);
        writeln!(out, "replayed up to sequence {seq}, hash {hash}")?;
        writeln!(
            out,
            "{live} entities, {tombstones} tombstones, root {}",
            summary.root
        )?;
        for open in self.state.open.values() {
            writeln!(
                out,
                "under way: operation {}, since {}",
                open.operation_id, open.begin
            )?;
        }
        for found in &self.compared {
            let word = if found.agrees { "same" } else { "DIFFERS" };
            writeln!(
                out,
                "{word} as {} at {}: {}",
                found.who, found.seq, found.text
            )?;
        }
        for text in self.unreached().chain(unread.iter().cloned()) {
            writeln!(out, "not compared: {text}")?;
        }
        Ok(())
    }

    fn unreached(&self) -> impl Iterator<Item = String> + '_ {
        let text = |(who, seq): &(String, u64)| format!("{who} is of sequence {seq}");
        self.beyond.iter().map(text)
    }
}

fn summarize(state: &Replay, wal: &Path) -> Result<Summary, Error> {
    Summary::of(state.scene.rows(), state.last_seq).map_err(|error| unwritable(wal, &error))
}

fn unwritable(wal: &Path, error: &serde_json::Error) -> Error {
    Error::new(Code::LogDamaged, wal.display(), error.to_string())
}
