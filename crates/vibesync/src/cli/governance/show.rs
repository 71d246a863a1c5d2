//! `vibesync governance show`: lists failures, or counts them if there are many. Needs no daemon.

use std::collections::BTreeMap;
use std::io::Write;

use vibesync_protocol::{QueryResult, ScopedFailure};
use vibesync_scene::{Code, SafeMode, Scope};

use crate::cli::connect::connect;
use crate::cli::log::access as log;
use crate::cli::registry::compare;
use crate::cli::result::{CommandResult, ExitStatus};
use crate::cli::text::Sanitized;
use crate::error::Error;
use crate::platform::project::Project;
use crate::platform::project_lock::{self, Holder};

/// Maximum number of failures that are listed one by one.
const LISTED: usize = 10;

/// The failures that are not known to work again: open breakers first, then the newest.
struct Failures {
    safe_mode: Option<SafeMode>,
    failed_boots: u32,
    failures: Vec<ScopedFailure>,
}

pub(super) fn run(project: &Project, all: bool, json: bool, out: &mut impl Write) -> CommandResult {
    let found = match project_lock::holder(project)? {
        Holder::Free => from_log(project)?,
        Holder::Taken(_) => from_daemon(project)?,
    };
    let is_blocked = found.safe_mode.is_some() || found.failures.iter().any(|it| it.state.open);
    match json {
        true => write_json(found, out)?,
        false => write_text(&found, all, out)?,
    }
    Ok(match is_blocked {
        true => ExitStatus::ProblemFound,
        false => ExitStatus::Ok,
    })
}

/// Asks the daemon. It lists the newest failures only; the log has the others.
fn from_daemon(project: &Project) -> Result<Failures, Error> {
    match connect(project)?.governance()? {
        QueryResult::Governance {
            safe_mode,
            failed_boots,
            failures,
            total,
        } if total == failures.len() as u64 => Ok(Failures {
            safe_mode,
            failed_boots,
            failures,
        }),
        _ => from_log(project),
    }
}

/// Replays the log.
fn from_log(project: &Project) -> Result<Failures, Error> {
    let tip = log::verify(&project.wal())?.tip;
    let history = compare::replay(project, tip)?.failures;
    let failures = history.iter().map(|(scope, state)| ScopedFailure {
        scope: scope.clone(),
        state: state.clone(),
    });
    let mut failures: Vec<ScopedFailure> = failures.collect();
    failures.sort_by_key(|it| (!it.state.open, std::cmp::Reverse(it.state.seq)));
    Ok(Failures {
        safe_mode: history.safe_mode().cloned(),
        failed_boots: history.failed_boots(),
        failures,
    })
}

fn write_json(found: Failures, out: &mut impl Write) -> std::io::Result<()> {
    let answer = QueryResult::Governance {
        safe_mode: found.safe_mode,
        failed_boots: found.failed_boots,
        total: found.failures.len() as u64,
        failures: found.failures,
    };
    writeln!(out, "{}", serde_json::to_string(&answer)?)
}

fn write_text(found: &Failures, all: bool, out: &mut impl Write) -> std::io::Result<()> {
    if let Some(SafeMode { since, why }) = &found.safe_mode {
        let why = Sanitized(why);
        writeln!(
            out,
            "safe-mode: automation is off since record {since}: {why}"
        )?;
    } else if found.failures.is_empty() {
        return writeln!(out, "nothing has failed");
    }
    let failures = &found.failures;
    let is_short = all || failures.len() <= LISTED;
    // Open breakers come first.
    let open = failures.iter().take_while(|it| it.state.open).count();
    let listed = if is_short {
        failures.len()
    } else {
        open.min(LISTED)
    };
    let (listed, counted) = failures.split_at_checked(listed).unwrap_or((failures, &[]));
    for failure in listed {
        writeln!(out, "{}", line(failure))?;
    }
    for line in summary(counted) {
        writeln!(out, "{line}")?;
    }
    if !counted.is_empty() {
        writeln!(out, "vibesync governance show --all lists each")?;
    }
    Ok(())
}

/// Formats one failure: `entity:0191...: stopped after 2 failures in a row in unity, at last VS-4005 in record 12`.
fn line(item: &ScopedFailure) -> String {
    let history = &item.state;
    let at = history
        .at
        .map_or_else(String::new, |at| format!(" in {}", at.as_str()));
    let (failures, code, seq) = (history.failures, history.code, history.seq);
    let plural = if failures == 1 { "" } else { "s in a row" };
    format!(
        "{}: {} after {failures} failure{plural}{at}, at last {code} in record {seq}",
        item.scope,
        state(item)
    )
}

fn state(item: &ScopedFailure) -> &'static str {
    match (item.state.open, item.state.permanent) {
        (true, true) => "known to be bad",
        (true, false) => "stopped",
        (false, _) => "watched",
    }
}

/// Counts failures by kind of scope, state and code: `1000 contents, watched: VS-3008, at last in record 2291`.
fn summary(failures: &[ScopedFailure]) -> Vec<String> {
    let mut groups: BTreeMap<(&str, &str, Code), (usize, u64)> = BTreeMap::new();
    for failure in failures {
        let key = (kinds(&failure.scope), state(failure), failure.state.code);
        let (count, last) = groups.entry(key).or_default();
        *count += 1;
        *last = failure.state.seq.max(*last);
    }
    let groups = groups.into_iter();
    let line = |((kinds, state, code), (count, last))| {
        format!("{count} {kinds}, {state}: {code}, at last in record {last}")
    };
    groups.map(line).collect()
}

fn kinds(scope: &Scope) -> &'static str {
    match scope {
        Scope::Entity(_) => "entities",
        Scope::Content(_) => "contents",
        Scope::Operation(_) => "kinds of change",
        Scope::Capability(_) => "tools of add-ons",
        Scope::Automation | Scope::SafeMode => "scopes of all automation",
    }
}
