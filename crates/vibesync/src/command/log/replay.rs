//! `vibesync log replay`: the state that the log alone gives, and whether what was made from it agrees.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

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

/// What the registry is called.
const REGISTRY: &str = "the registry";

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
    let replayed = run(project, last, wanted, claims)?;
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

/// Something that was made from the log, and the sequence that it is of.
struct Claim {
    who: String,
    seq: u64,
    held: Held,
}

/// Where what it holds is.
enum Held {
    Checkpoint(PathBuf),
    Registry,
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
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let who = format!("checkpoint {name}");
        match header {
            Ok((tip, _)) => claims.push(Claim {
                who,
                seq: tip.seq,
                held: Held::Checkpoint(path),
            }),
            Err(why) => unread.push(format!("{who}: {why}")),
        }
    }
    match registry::seq(project) {
        Ok(Some(seq)) => claims.push(Claim {
            who: REGISTRY.to_owned(),
            seq,
            held: Held::Registry,
        }),
        Ok(None) => {}
        Err(error) => unread.push(format!("{REGISTRY}: {}", error.message)),
    }
    Ok((claims, unread))
}

fn run(
    project: &Project,
    last: u64,
    wanted: &Wanted<'_>,
    mut claims: Vec<Claim>,
) -> Result<Replayed, Error> {
    let wal = &project.wal();
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
        let due = claims.extract_if(.., |claim| claim.seq == entry.seq);
        for claim in due.collect::<Vec<_>>() {
            let found = replayed.compare(claim, project)?;
            replayed.compared.push(found);
        }
    }
    let beyond = claims.into_iter();
    replayed.beyond = beyond.map(|claim| (claim.who, claim.seq)).collect();
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

    fn compare(&self, claim: Claim, project: &Project) -> Result<Compared, Error> {
        let differs = match &claim.held {
            Held::Checkpoint(path) => self.differs_from(path),
            Held::Registry => registry::differs(project, &self.state)?,
        };
        Ok(Compared {
            who: claim.who,
            seq: claim.seq,
            agrees: differs.is_none(),
            text: differs.unwrap_or_else(|| "agrees".to_owned()),
        })
    }

    /// How a checkpoint differs from the state, if it does.
    fn differs_from(&self, checkpoint: &Path) -> Option<String> {
        let held = match checkpoint::load(&RealDisk, checkpoint) {
            Ok(held) if held.tip != self.tip => {
                return Some("the log has another record there".to_owned());
            }
            Ok(held) => held.state.scene,
            Err(why) => return Some(why.to_string()),
        };
        let same = held.rows().eq(self.state.scene.rows());
        (!same).then(|| registry::differing(&self.state.scene, held.rows()))
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
            let (who, seq) = (&found.who, found.seq);
            match found.agrees {
                true => writeln!(out, "same as {who} at {seq}")?,
                false => writeln!(out, "DIFFERS from {who} at {seq}: {}", found.text)?,
            }
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
    Summary::from_rows(state.scene.rows(), state.last_seq).map_err(|error| unwritable(wal, &error))
}

fn unwritable(wal: &Path, error: &serde_json::Error) -> Error {
    Error::new(Code::LogDamaged, wal.display(), error.to_string())
}
