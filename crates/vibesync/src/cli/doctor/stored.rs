//! Checks the log and its bulk data, and the files that are made from it: checkpoints, registry, history.

use std::sync::Arc;
use std::time::SystemTime;

use vibesync_scene::Code;
use vibesync_store::checkpoint::{self, LoadError};
use vibesync_store::disk::RealDisk;
use vibesync_store::wal::{Reader, Verification};

use super::finding::Finding;
use super::{audit, blobs};
use crate::cli::log::access as log;
use crate::cli::registry::compare;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};
use crate::platform::witnesses::Witnesses;

/// Returns the findings, and the time of the last record.
pub(super) fn check(project: &Project, deep: bool) -> (Vec<Finding>, Option<SystemTime>) {
    let verified = match log::verify(&project.wal()) {
        Ok(verified) => verified,
        Err(error) => return (vec![Finding::failure("log", &error)], None),
    };
    let findings = vec![
        wal(project, &verified),
        Finding::from_result("blobs", blobs::check(project, &verified, deep)),
        Finding::from_result("witnesses", witnesses(project, &verified)),
        Finding::from_result("checkpoints", checkpoints(project)),
        Finding::from_result("registry", registry(project, &verified)),
        Finding::from_result("audit", audit::check(project, &verified)),
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
