//! `vibesync log replay`: rebuilds the state from the log and compares it with checkpoints and registry.

mod report;

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

use report::{Comparison, Report};
use vibesync_scene::{Code, Replay, Row, Uuid};
use vibesync_store::disk::RealDisk;
use vibesync_store::registry::Summary;
use vibesync_store::wal::{Entry, Tip};
use vibesync_store::{boot, checkpoint};

use super::access::{self, coded, read, verify};
use super::find::complete;
use crate::cli::filter::Filter;
use crate::cli::registry::compare;
use crate::cli::result::{CommandResult, ExitStatus, Failure, WrongUsage};
use crate::error::Error;
use crate::platform::project::Project;

/// Name of the registry in the output.
const REGISTRY: &str = "the registry";

/// Options of the command.
pub(super) struct Options<'a> {
    /// The last record to replay; none for the last one of the log.
    pub seq: Option<u64>,
    /// Selects records; the entities of these records are printed. `until` also ends the replay.
    pub filter: &'a Filter,
    /// Prints all entities.
    pub entities: bool,
    /// Prints JSON.
    pub json: bool,
}

pub(super) fn run(project: &Project, options: &Options<'_>, out: &mut impl Write) -> CommandResult {
    let wal = project.wal();
    let tip = verify(&wal)?.tip;
    let last = options.seq.unwrap_or(tip.seq);
    if last > tip.seq {
        return Err(access::no_record(last, tip.seq).into());
    }
    let (projections, unreadable) = projections(project)?;
    let filter = complete(options.filter, &wal, tip.seq)?;
    let mut replayed = replay(project, last, &filter, projections)?;
    replayed.not_compared.extend(unreadable);
    let summary = Summary::from_rows(replayed.state.scene.rows(), replayed.state.last_seq)
        .map_err(|error| unwritable(&wal, error))?;
    let report = Report {
        state: &replayed.state,
        tip: replayed.tip,
        root: summary.root.to_string(),
        comparisons: &replayed.comparisons,
        not_compared: &replayed.not_compared,
    };
    match options.json {
        true => writeln!(out, "{}", report.json())?,
        false => report.write(out)?,
    }
    for row in replayed.rows(options) {
        let row = serde_json::to_string(row).map_err(|error| unwritable(&wal, error))?;
        writeln!(out, "{row}")?;
    }
    match replayed.comparisons.iter().all(|found| found.agrees) {
        true => Ok(ExitStatus::Ok),
        false => Ok(ExitStatus::ProblemFound),
    }
}

/// A projection of the log to compare with: a checkpoint or the registry.
struct Projection {
    name: String,
    /// The sequence that the projection has reached.
    seq: u64,
    source: Source,
}

/// The file of a projection.
enum Source {
    Checkpoint(PathBuf),
    Registry,
}

struct Replayed {
    state: Replay,
    tip: Tip,
    comparisons: Vec<Comparison>,
    /// Projections beyond the end of the replay, and those that cannot be read.
    not_compared: Vec<String>,
    /// Entities of the records that the filter selects.
    selected: BTreeSet<Uuid>,
}

/// Lists the projections, and the reasons why others cannot be read.
fn projections(project: &Project) -> Result<(Vec<Projection>, Vec<String>), Error> {
    let (mut projections, mut unreadable) = (Vec::new(), Vec::new());
    let found = checkpoint::headers(&RealDisk, &project.checkpoints());
    let found = found.map_err(|error| Error::disk(Code::LogDamaged, error))?;
    for (path, header) in found {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("checkpoint {file}");
        match header {
            Ok((tip, _)) => projections.push(Projection {
                name,
                seq: tip.seq,
                source: Source::Checkpoint(path),
            }),
            Err(why) => unreadable.push(format!("{name}: {why}")),
        }
    }
    match compare::registry_seq(project) {
        Ok(Some(seq)) => projections.push(Projection {
            name: REGISTRY.to_owned(),
            seq,
            source: Source::Registry,
        }),
        Ok(None) => {}
        Err(error) => unreadable.push(format!("{REGISTRY}: {}", error.message)),
    }
    Ok((projections, unreadable))
}

/// Replays the log and compares each projection when its sequence is reached.
fn replay(
    project: &Project,
    last: u64,
    filter: &Filter,
    mut projections: Vec<Projection>,
) -> Result<Replayed, Failure> {
    let wal = &project.wal();
    // Empty, or the state that replaces records which retention dropped.
    let (state, tip) = boot::base(&RealDisk, wal).map_err(|error| coded(wal, error))?;
    if last < tip.seq {
        let message = format!(
            "the records before {} were dropped to save space",
            tip.seq + 1
        );
        let help = format!(
            "Name a sequence from {} on; `vibesync audit log` lists earlier states.",
            tip.seq
        );
        return Err(WrongUsage::new(message, help).into());
    }
    let mut replayed = Replayed {
        state,
        tip,
        comparisons: Vec::new(),
        not_compared: Vec::new(),
        selected: BTreeSet::new(),
    };
    for entry in read(wal, tip.seq + 1, last)? {
        let entry = entry.map_err(|error| coded(wal, error))?;
        if filter.is_past(&entry) {
            break;
        }
        replayed.apply(&entry, filter);
        let due = projections.extract_if(.., |projection| projection.seq == entry.seq);
        for projection in due.collect::<Vec<_>>() {
            let comparison = replayed.compare(projection, project)?;
            replayed.comparisons.push(comparison);
        }
    }
    let beyond = projections.into_iter();
    replayed.not_compared = beyond
        .map(|projection| format!("{} is at sequence {}", projection.name, projection.seq))
        .collect();
    Ok(replayed)
}

impl Replayed {
    fn apply(&mut self, entry: &Entry, filter: &Filter) {
        self.state.record(entry.seq, &entry.body);
        self.tip = Tip {
            seq: entry.seq,
            hash: entry.hash,
        };
        if !filter.is_empty() && filter.matches(entry) {
            self.selected.extend(&entry.body.uuids);
        }
    }

    fn compare(&self, projection: Projection, project: &Project) -> Result<Comparison, Error> {
        let difference = match &projection.source {
            Source::Checkpoint(path) => self.checkpoint_difference(path),
            Source::Registry => compare::registry_difference(project, &self.state)?,
        };
        Ok(Comparison {
            name: projection.name,
            seq: projection.seq,
            agrees: difference.is_none(),
            text: difference.unwrap_or_else(|| "agrees".to_owned()),
        })
    }

    /// Describes the difference between a checkpoint and the state; none if they are equal.
    fn checkpoint_difference(&self, checkpoint: &Path) -> Option<String> {
        let stored = match checkpoint::load(&RealDisk, checkpoint) {
            Ok(stored) if stored.tip != self.tip => {
                return Some("the log has another record there".to_owned());
            }
            Ok(stored) => stored.state.scene,
            Err(why) => return Some(why.to_string()),
        };
        let is_equal = stored.rows().eq(self.state.scene.rows());
        (!is_equal).then(|| compare::differing_entities(&self.state.scene, stored.rows()))
    }

    /// Returns the rows to print.
    fn rows<'a>(&'a self, options: &Options<'_>) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        let scene = &self.state.scene;
        match options.entities {
            true => Box::new(scene.rows()),
            false => Box::new(self.selected.iter().filter_map(|uuid| scene.row(*uuid))),
        }
    }
}

fn unwritable(wal: &Path, error: serde_json::Error) -> Error {
    Error::from_source(Code::LogDamaged, wal.display(), error)
}
