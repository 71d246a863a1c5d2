//! `vibesync recover`: shows what each witness of the log holds, and begins a new log from one of them.

mod format;
pub(super) mod steps;

use std::io::Write;
use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::{Code, Epoch};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::recover::{
    self, Candidate, Loaded, Request, Source, SourceName, Survey, choose,
};
use vibesync_store::wal;

use self::steps::{coded, finish_interrupted, folders, lock};
use super::person;
use super::recovery_args::RecoverArgs;
use super::result::{CommandResult, ExitStatus};
use crate::error::Error;
use crate::platform::project::Project;

/// Number of commits that `--list` shows.
const COMMITS: usize = 20;

pub(super) fn run(project: &Project, args: &RecoverArgs, out: &mut impl Write) -> CommandResult {
    let _lock = lock(project)?;
    let disk: Arc<dyn Disk> = Arc::new(RealDisk);
    if !args.list {
        finish_interrupted(&disk, project, out)?;
    }
    let folders = folders(project)?;
    let survey = Survey::take(&disk, &folders, args.from.as_ref());
    let survey = survey.map_err(|error| coded(project, error))?;
    let best = choose(&survey.candidates, None);
    if args.json {
        writeln!(out, "{}", format::json(&survey, best))?;
        return Ok(ExitStatus::Ok);
    }
    format::write_survey(&survey, best, out)?;
    if args.list {
        let commits = recover::commits(&folders, COMMITS).unwrap_or_default();
        format::write_commits(&commits, out)?;
        return Ok(ExitStatus::Ok);
    }
    if args.from.is_none() && is_healthy(project, &survey, best)? {
        writeln!(
            out,
            "\nnothing to recover: the log is whole, and nothing is ahead of it"
        )?;
        return Ok(ExitStatus::Ok);
    }
    let chosen = chosen(project, &survey, args.from.as_ref())?;
    format::write_choice(chosen, out)?;
    let effect = format!("A new log begins from {}", chosen.source);
    if !args.yes && !person::confirm(&effect, out)? {
        return Ok(ExitStatus::ProblemFound);
    }
    let loaded = load(&disk, project, &chosen.source)?;
    let why = args.why.clone().unwrap_or_else(|| format::reason(&survey));
    let epoch = steps::new_epoch();
    let id = steps::project_id(project, &loaded.state)?;
    let request = Request {
        home: &project.home(),
        who: &person::name(args.who.as_deref()),
        why: &why,
        source: chosen.source.to_string(),
        epoch,
        project_file: &project.identity_json(id, Some(epoch))?,
        now: SystemTime::now(),
    };
    let recovered = recover::recover(&disk, &request, &survey, loaded);
    let recovered = recovered.map_err(|error| coded(project, error))?;
    format::write_result(chosen, &recovered, out)?;
    Ok(ExitStatus::Ok)
}

/// Returns the witness that the person named, or the best one.
fn chosen<'a>(
    project: &Project,
    survey: &'a Survey,
    name: Option<&SourceName>,
) -> Result<&'a Candidate, Error> {
    choose(&survey.candidates, name).ok_or_else(|| {
        let (code, why) = match name {
            Some(SourceName::Audit(Some(_))) => (Code::CommitUnknown, "no such commit can be read"),
            Some(_) => (Code::LogDamaged, "this witness is missing or damaged"),
            None => (
                Code::LogDamaged,
                "nothing holds a state; a backup can be restored",
            ),
        };
        Error::new(code, project.home().display(), why)
    })
}

/// Returns true if a start of the daemon would accept the log as it is.
fn is_healthy(project: &Project, survey: &Survey, best: Option<&Candidate>) -> Result<bool, Error> {
    let Some(best) = best.filter(|best| best.source == Source::Log) else {
        return Ok(false);
    };
    let Ok(verified) = wal::verify(&RealDisk, &project.wal()) else {
        return Ok(false);
    };
    let is_behind = |named: &wal::Tip| {
        named.seq > best.tip.seq || (named.seq == best.tip.seq && *named != best.tip)
    };
    let is_ahead = survey.named.iter().all(|(_, tip)| !is_behind(tip));
    let epoch = project.epoch()?;
    let has_epoch = epoch.is_none_or(|epoch| best.epochs.contains(epoch));
    Ok(verified.tip == best.tip && is_ahead && has_epoch)
}

/// Loads the state of a witness. Without epochs of its own, it gets the one that `project.json` names.
fn load(disk: &Arc<dyn Disk>, project: &Project, source: &Source) -> Result<Loaded, Error> {
    let loaded = recover::load(disk, &folders(project)?, source);
    let mut loaded = loaded.map_err(|error| coded(project, error))?;
    let epochs = &mut loaded.state.epochs;
    if let Some(id) = project.epoch()?.filter(|_| epochs.as_slice().is_empty()) {
        let first_seq = loaded.tip.seq;
        epochs.begin(Epoch { id, first_seq });
    }
    Ok(loaded)
}
