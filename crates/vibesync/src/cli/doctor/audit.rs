//! Checks the history: whether it is intact, and whether it has every verified change of the log.

use std::path::Path;
use std::time::{Duration, Instant};

use vibesync_scene::{Code, Phase};
use vibesync_store::audit::{self as repository, ASIDE, AuditError};
use vibesync_store::disk::{Disk, RealDisk};
use vibesync_store::wal::Verification;

use super::finding::Finding;
use crate::cli::connect::connect;
use crate::cli::log::access as log;
use crate::config::Settings;
use crate::error::Error;
use crate::history;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Time in which the history of a running daemon must hold a verified change.
const CATCH_UP: Duration = Duration::from_secs(10);

/// Time between two looks at the history.
const INTERVAL: Duration = Duration::from_millis(50);

/// Time until a history that seems damaged is checked again.
const AUDIT_PAUSE: Duration = Duration::from_millis(500);

/// Compares the history with the log. The history follows a running daemon within a second, so it gets some time.
pub(super) fn check(project: &Project, verified: &Verification) -> Result<Finding, Error> {
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
    let last = history
        .last_seq()
        .and_then(|seq| check_audit(&root).map(|()| seq));
    last.map(Some).map_err(|error| history::coded(&root, error))
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
    // A running daemon may have written more since the log was read.
    if committed > tip && committed > log::verify(&project.wal())?.tip.seq {
        let message =
            format!("its last commit is at sequence {committed}, but the log ends at {tip}");
        let root = project.audit();
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
    repository::check(root).or_else(|_| {
        std::thread::sleep(AUDIT_PAUSE);
        repository::check(root)
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
