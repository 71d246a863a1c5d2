//! Checks the log, and the files that are made from it: checkpoints, registry, history.

use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::{Code, Phase};
use vibesync_store::checkpoint::{self, LoadError};
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Reader, Verification};

use super::finding::Finding;
use crate::cli::log::access as log;
use crate::cli::registry::compare;
use crate::config::Settings;
use crate::error::Error;
use crate::history;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};
use crate::platform::witnesses::Witnesses;

/// Returns the findings, and the time of the last record.
pub(super) fn check(project: &Project) -> (Vec<Finding>, Option<SystemTime>) {
    let verified = match log::verify(&project.wal()) {
        Ok(verified) => verified,
        Err(error) => return (vec![Finding::failure("log", &error)], None),
    };
    let findings = vec![
        wal(project, &verified),
        Finding::from_result("witnesses", witnesses(project, &verified)),
        Finding::from_result("checkpoints", checkpoints(project)),
        Finding::from_result("registry", registry(project, &verified)),
        Finding::from_result("audit", audit(project, &verified)),
    ];
    (findings, last_written(project, verified.tip.seq))
}

fn last_written(project: &Project, tip: u64) -> Option<SystemTime> {
    let mut last = Reader::new(Arc::new(RealDisk), &project.wal(), tip, tip).ok()?;
    humantime::parse_rfc3339(&last.next()?.ok()?.timestamp).ok()
}

fn wal(project: &Project, verified: &Verification) -> Finding {
    let Verification {
        records, segments, ..
    } = verified;
    let text = format!("{records} records in {segments} segments, all hashes are correct");
    // A running daemon may be writing its next record.
    let is_idle = matches!(project_lock::holder(project), Ok(Holder::Free));
    match &verified.torn {
        Some(torn) if is_idle => {
            let bytes = torn.bytes;
            Finding::ok(
                "log",
                format!("{text}; the next start removes {bytes} bytes of an interrupted write"),
            )
        }
        _ => Finding::ok("log", text),
    }
}

/// Makes the same comparison that a start makes before it changes anything.
fn witnesses(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    let name = "witnesses";
    let Some(id) = project.id()? else {
        return Ok(Finding::ok(name, "no daemon has run here yet"));
    };
    if project_lock::holder(project)? != Holder::Free {
        let text = "compared by the daemon when it started";
        return Ok(Finding::ok(name, text));
    }
    let _lock = project_lock::acquire(project)?;
    let state = compare::replay(project, verified.tip)?;
    Witnesses::new(project, id)?.check(&project.wal(), verified.tip, &state)?;
    let text = "the log has what registry, history and project.json know";
    Ok(Finding::ok(name, text))
}

/// Reads every checkpoint. A start without a whole checkpoint reads the entire log.
fn checkpoints(project: &Project) -> Result<Finding, Error> {
    let dir = project.checkpoints();
    let found = checkpoint::headers(&RealDisk, &dir)
        .map_err(|error| Error::disk(Code::LogDamaged, error))?;
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
                return Err(Error::new(Code::NewerFormat, dir.display(), message));
            }
            Err(LoadError::Damaged(why)) => damaged.push(format!("{name}: {why}")),
        }
    }
    if !damaged.is_empty() {
        let text = format!("{}; it is ignored", damaged.join("; "));
        return Ok(Finding::uncoded_warning("checkpoints", text));
    }
    let text = match (whole.as_slice(), old) {
        ([], _) => "none yet; a start reads the entire log".to_owned(),
        (whole, 0) => format!("undamaged, at sequences {}", whole.join(" and ")),
        (whole, old) => format!(
            "undamaged, at sequences {}; {old} of an older version, so a start reads the entire log once",
            whole.join(" and ")
        ),
    };
    Ok(Finding::ok("checkpoints", text))
}

/// Makes the same comparison that the daemon makes at every start. Changes nothing.
fn registry(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    if project_lock::holder(project)? != Holder::Free {
        return Ok(Finding::ok(
            "registry",
            "in use by the daemon, which compared it with the log when it started",
        ));
    }
    match compare::compare(project, verified.tip) {
        // An older version or damage: the next start makes the registry anew.
        Err(error) if error.code == Code::RegistryRebuilt => {
            Ok(Finding::warning("registry", error.code, error.message))
        }
        Err(error) => Err(error),
        Ok(None) => Ok(Finding::ok(
            "registry",
            "none yet; the next start creates it from the log",
        )),
        Ok(Some(compared)) if compared.is_ahead() => {
            let (code, path) = (Code::LogDiverged, project.registry());
            Err(Error::new(code, path.display(), compared.to_string()))
        }
        Ok(Some(compared)) if compared.difference.is_some() => Ok(Finding::warning(
            "registry",
            Code::RegistryRebuilt,
            compared,
        )),
        Ok(Some(compared)) => Ok(Finding::ok("registry", compared.to_string())),
    }
}

fn audit(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    let tip = verified.tip.seq;
    let ended = last_verified(project, tip)?;
    let root = project.audit();
    let Some(history) = history::open_if_exists(&root)? else {
        return Ok(without_audit(project, ended));
    };
    let committed = history
        .last_seq()
        .map_err(|error| history::coded(&root, error))?;
    if committed > tip {
        let message =
            format!("its last commit is at sequence {committed}, but the log ends at {tip}");
        return Err(Error::new(Code::LogDiverged, root.display(), message));
    }
    if committed < ended {
        let text = format!(
            "its last commit is at sequence {committed}, but the last verified change at {ended}"
        );
        return Ok(Finding::warning("audit", Code::AuditUnavailable, text));
    }
    let text = format!("holds every verified change, up to sequence {committed}");
    Ok(Finding::ok("audit", text))
}

fn without_audit(project: &Project, ended: u64) -> Finding {
    let settings = Settings::load(project.root().to_owned());
    let is_off = settings.is_ok_and(|settings| !settings.config.audit.enabled);
    match ended > 0 && !is_off {
        true => {
            let text =
                format!("no history yet, but the last verified change is at sequence {ended}");
            Finding::warning("audit", Code::AuditUnavailable, text)
        }
        false => Finding::ok("audit", "no history yet"),
    }
}

/// Returns the sequence of the last FINAL or COMMIT; 0 if there is none.
fn last_verified(project: &Project, tip: u64) -> Result<u64, Error> {
    let wal = project.wal();
    let mut last = 0;
    for entry in log::read(&wal, 1, tip)? {
        let entry = entry.map_err(|error| log::coded(&wal, error))?;
        if matches!(entry.body.phase, Phase::Final | Phase::Commit) {
            last = entry.seq;
        }
    }
    Ok(last)
}
