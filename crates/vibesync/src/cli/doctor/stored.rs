//! Checks the log and its bulk data, and the files that are made from it: checkpoints, registry, history.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use vibesync_scene::{Code, Phase};
use vibesync_store::audit::{self, ASIDE, AuditError};
use vibesync_store::checkpoint::{self, LoadError};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::{Reader, Verification};

use super::blobs;
use super::finding::Finding;
use crate::cli::connect::connect;
use crate::cli::log::access as log;
use crate::cli::registry::compare;
use crate::config::Settings;
use crate::error::Error;
use crate::history;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Time until a history that seems damaged is checked again.
const AUDIT_PAUSE: Duration = Duration::from_millis(500);
/// Time in which the history of a running daemon must hold a verified change.
const CATCH_UP: Duration = Duration::from_secs(10);

/// Time between two looks at the history.
const INTERVAL: Duration = Duration::from_millis(50);

/// Returns the findings, and the time of the last record.
pub(super) fn check(project: &Project, deep: bool) -> (Vec<Finding>, Option<SystemTime>) {
    let verified = match log::verify(&project.wal()) {
        Ok(verified) => verified,
        Err(error) => return (vec![Finding::failure("log", &error)], None),
    };
    let findings = vec![
        wal(project, &verified),
        Finding::from_result("blobs", blobs::check(project, &verified, deep)),
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
        Ok(Some(compared)) if compared.difference.is_some() => Ok(Finding::warning(
            "registry",
            Code::RegistryRebuilt,
            compared,
        )),
        Ok(Some(compared)) => Ok(Finding::ok("registry", compared.to_string())),
    }
}

/// Compares the history with the log. The history follows a running daemon within a second, so it gets some time.
fn audit(project: &Project, verified: &Verification) -> Result<Finding, Error> {
    let ended = last_verified(project, verified.tip.seq)?;
    let deadline = Instant::now() + CATCH_UP;
    loop {
        let committed = last_commit(project)?;
        let is_behind = committed.unwrap_or(0) < ended && !is_turned_off(project);
        if !is_behind || Instant::now() >= deadline || !is_catching_up(project) {
            return audit_finding(project, verified.tip.seq, ended, committed);
        }
        std::thread::sleep(INTERVAL);
    }
}

/// Returns the sequence of the newest commit; none if there is no history.
fn last_commit(project: &Project) -> Result<Option<u64>, Error> {
    let root = project.audit();
    let Some(history) = history::open_if_exists(&root)? else {
        return Ok(None);
    };
    let last = history.last_seq().map(Some);
    last.map_err(|error| history::coded(&root, error))
}

/// Returns true if a daemon runs that has no trouble with the history.
fn is_catching_up(project: &Project) -> bool {
    let is_running = project_lock::holder(project).is_ok_and(|holder| holder != Holder::Free);
    let status = || connect(project).and_then(|mut daemon| daemon.status());
    is_running && status().is_ok_and(|status| status.lagging.is_none())
}

fn audit_finding(
    project: &Project,
    tip: u64,
    ended: u64,
    committed: Option<u64>,
) -> Result<Finding, Error> {
    let Some(committed) = committed else {
        return Ok(without_audit(project, ended));
    };
    let root = project.audit();
    check_audit(&root).map_err(|error| history::coded(&root, error))?;
    // A running daemon may have written more since the log was read.
    if committed > tip && committed > log::verify(&project.wal())?.tip.seq {
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
    let aside = moved_aside(project);
    let text = format!("holds every verified change, up to sequence {committed}{aside}");
    Ok(Finding::ok("audit", text))
}

/// Checks the repository. A running daemon may replace packs meanwhile, so damage must be found twice.
fn check_audit(root: &Path) -> Result<(), AuditError> {
    audit::check(root).or_else(|_| {
        std::thread::sleep(AUDIT_PAUSE);
        audit::check(root)
    })
}

/// Says where earlier histories are that were damaged.
fn moved_aside(project: &Project) -> String {
    let recovered = project.recovered();
    let names = RealDisk.list(&recovered).unwrap_or_default();
    match names.iter().any(|name| name.starts_with(ASIDE)) {
        true => format!("; damaged histories are kept in {}", recovered.display()),
        false => String::new(),
    }
}

fn is_turned_off(project: &Project) -> bool {
    let settings = Settings::load(project.root().to_owned());
    settings.is_ok_and(|settings| !settings.config.audit.enabled)
}

fn without_audit(project: &Project, ended: u64) -> Finding {
    match ended > 0 && !is_turned_off(project) {
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
