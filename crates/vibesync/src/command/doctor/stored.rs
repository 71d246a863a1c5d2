//! Whether the log is whole, and what is made from it agrees with it.

use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::{Code, Phase};
use vibesync_store::checkpoint::{self, LoadError};
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Reader, Verification, WalError};

use super::{Finding, State};
use crate::command::{audit, log, registry};
use crate::config::Settings;
use crate::error::Error;
use crate::history as commits;
use crate::project::{Holder, Project};

/// The findings, and when the last record says that it was written.
pub(super) fn examine(project: &Project) -> (Vec<Finding>, Option<SystemTime>) {
    let verified = match log::check(&project.wal()) {
        Ok(verified) => verified,
        Err(error) => return (vec![Finding::fail("log", &error)], None),
    };
    let findings = vec![
        whole(project, &verified),
        Finding::of("checkpoints", checkpoints(project)),
        Finding::of("registry", registry(project, &verified)),
        Finding::of("audit", history(project, &verified)),
    ];
    (findings, last_written(project, verified.tip.seq))
}

fn last_written(project: &Project, tip: u64) -> Option<SystemTime> {
    let mut last = Reader::new(Arc::new(RealDisk), &project.wal(), tip, tip).ok()?;
    humantime::parse_rfc3339(&last.next()?.ok()?.timestamp).ok()
}

fn whole(project: &Project, verified: &Verification) -> Finding {
    let Verification {
        records, segments, ..
    } = verified;
    let text = format!("{records} records in {segments} segments, each as it was written");
    // A running daemon may be in the middle of its next record.
    let is_idle = matches!(project.holder(), Ok(Holder::Free));
    match &verified.torn {
        Some(torn) if is_idle => {
            let bytes = torn.bytes;
            Finding::ok(
                "log",
                format!("{text}; {bytes} bytes of an interrupted write, cut off at the next start"),
            )
        }
        _ => Finding::ok("log", text),
    }
}

/// Each is read whole. Without any that is, a start reads all of the log.
fn checkpoints(project: &Project) -> Result<Finding, Error> {
    let dir = project.checkpoints();
    let found = checkpoint::headers(&RealDisk, &dir);
    let found = found.map_err(|error| Error::disk(Code::LogDamaged, &error))?;
    let (mut whole, mut old, mut damaged) = (Vec::new(), 0, Vec::new());
    for (path, _) in found {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        match checkpoint::load(&RealDisk, &path) {
            Ok(checkpoint) => {
                old += usize::from(checkpoint.is_outdated());
                whole.push(checkpoint.tip.seq.to_string());
            }
            Err(LoadError::Newer(defect)) => {
                let message = format!("{name}, line 1: {defect}");
                return Err(Error::new(Code::MadeByNewer, dir.display(), message));
            }
            Err(LoadError::Damaged(why)) => damaged.push(format!("{name}: {why}")),
        }
    }
    if !damaged.is_empty() {
        let text = format!("{}; it is passed over", damaged.join("; "));
        let state = State::Warn;
        let name = "checkpoints";
        return Ok(Finding { state, name, text });
    }
    let text = match (whole.as_slice(), old) {
        ([], _) => "none yet; a start reads all of the log".to_owned(),
        (whole, 0) => format!("whole, of sequences {}", whole.join(" and ")),
        (whole, old) => format!(
            "whole, of sequences {}; {old} of an older version: a start reads all of the log once",
            whole.join(" and ")
        ),
    };
    Ok(Finding::ok("checkpoints", text))
}

/// The daemon compares them at every start; here it is done without one, and nothing is changed.
fn registry(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    if project.holder()? != Holder::Free {
        return Ok(Finding::ok(
            "registry",
            "in use by the daemon, which compared it with the log when it started",
        ));
    }
    match registry::compare(project, verified.tip) {
        // Of an older version, or damaged: the next start makes it anew.
        Err(error) if error.code == Code::RegistryRebuilt => {
            Ok(Finding::warn("registry", error.code, error.message))
        }
        Err(error) => Err(error),
        Ok(None) => Ok(Finding::ok(
            "registry",
            "none yet; made from the log at the next start",
        )),
        Ok(Some(compared)) if compared.differs.is_some() => {
            Ok(Finding::warn("registry", Code::RegistryRebuilt, compared))
        }
        Ok(Some(compared)) => Ok(Finding::ok("registry", compared.to_string())),
    }
}

fn history(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    let tip = verified.tip.seq;
    let ended = last_verified(project, tip).map_err(|error| damaged(project, &error))?;
    let Some(audit) = audit::open(project)? else {
        let settings = Settings::load(project.root().to_owned());
        let is_off = settings.is_ok_and(|settings| !settings.config.audit.enabled);
        return Ok(match ended > 0 && !is_off {
            true => {
                let text =
                    format!("no history yet, the last verified change is of sequence {ended}");
                Finding::warn("audit", Code::AuditUnavailable, text)
            }
            false => Finding::ok("audit", "no history yet"),
        });
    };
    let committed = audit
        .last_seq()
        .map_err(|error| commits::coded(&project.audit(), &error))?;
    if committed > tip {
        let message = format!("its last commit is of sequence {committed}, the log ends at {tip}");
        return Err(Error::new(
            Code::SequenceAhead,
            project.audit().display(),
            message,
        ));
    }
    if committed < ended {
        let text = format!(
            "its last commit is of sequence {committed}, the last verified change of {ended}"
        );
        return Ok(Finding::warn("audit", Code::AuditUnavailable, text));
    }
    Ok(Finding::ok(
        "audit",
        format!("holds every verified change, up to sequence {committed}"),
    ))
}

/// Sequence of the last FINAL or COMMIT, 0 if there is none.
fn last_verified(project: &Project, tip: u64) -> Result<u64, WalError> {
    let mut last = 0;
    for entry in Reader::new(Arc::new(RealDisk), &project.wal(), 1, tip)? {
        let entry = entry?;
        if matches!(entry.body.phase, Phase::Final | Phase::Commit) {
            last = entry.seq;
        }
    }
    Ok(last)
}

fn damaged(project: &Project, error: &WalError) -> Error {
    Error::new(error.code(), project.wal().display(), error.to_string())
}
