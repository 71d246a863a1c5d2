//! `vibesync governance`: asks the running daemon what it does not try again, and lets it try.

use std::io::Write;

use vibesync_protocol::{QueryResult, ResetRequest, ScopedFailure};
use vibesync_scene::{Scope, Uuid};

use super::status::connect;
use super::{Ended, Exit};
use crate::args::GovernanceCommand;
use crate::project::Project;
use crate::runtime::RuntimeFolder;
use crate::story::Plain;

pub(super) fn perform(
    project: &Project,
    command: &GovernanceCommand,
    out: &mut impl Write,
) -> Ended {
    match command {
        GovernanceCommand::Show { json } => show(project, *json, out),
        GovernanceCommand::Reset { scope, why, who } => {
            reset(project, scope, why, who.as_deref(), out)
        }
    }
}

fn show(project: &Project, json: bool, out: &mut impl Write) -> Ended {
    let found = connect(project, &RuntimeFolder::from_env()?)?.governance()?;
    if json {
        let text = serde_json::to_string(&found).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    }
    let QueryResult::Governance {
        safe_mode,
        failures,
        total,
        ..
    } = found
    else {
        return Ok(Exit::Problem);
    };
    let stopped = safe_mode.is_some() || failures.iter().any(|it| it.state.open);
    if !json {
        if let Some(safe_mode) = safe_mode {
            let (since, why) = (safe_mode.since, safe_mode.why);
            writeln!(
                out,
                "safe-mode: automation is off since record {since}: {}",
                Plain(&why)
            )?;
        }
        for trouble in &failures {
            writeln!(out, "{}", line(trouble))?;
        }
        match total.saturating_sub(failures.len() as u64) {
            0 if total == 0 && !stopped => writeln!(out, "nothing has failed")?,
            0 => {}
            more => writeln!(out, "and {more} more")?,
        }
    }
    Ok(if stopped { Exit::Problem } else { Exit::Fine })
}

/// `entity:0191...: stopped after 2 failures in a row in unity, at last VS-4005 in record 12`
fn line(item: &ScopedFailure) -> String {
    let trouble = &item.state;
    let state = match (trouble.open, trouble.permanent) {
        (true, true) => "known to be bad",
        (true, false) => "stopped",
        (false, _) => "watched",
    };
    let at = trouble
        .at
        .map_or_else(String::new, |at| format!(" in {}", at.as_str()));
    let (failures, code, seq) = (trouble.failures, trouble.code, trouble.seq);
    let plural = if failures == 1 { "" } else { "s in a row" };
    format!(
        "{}: {state} after {failures} failure{plural}{at}, at last {code} in record {seq}",
        item.scope
    )
}

fn reset(
    project: &Project,
    scope: &Scope,
    why: &str,
    who: Option<&str>,
    out: &mut impl Write,
) -> Ended {
    let named = ["USER", "USERNAME", "LOGNAME"];
    let user = || named.iter().find_map(|name| std::env::var(name).ok());
    let who = who.map(str::to_owned).or_else(user);
    let request = ResetRequest {
        request_id: Uuid::new_v4(),
        scope: scope.clone(),
        who: who.unwrap_or_else(|| "unknown".to_owned()),
        why: why.to_owned(),
    };
    match connect(project, &RuntimeFolder::from_env()?)?.reset(request)? {
        Some(seq) => {
            writeln!(out, "{scope} is tried again, by record {seq}")?;
            Ok(Exit::Fine)
        }
        None => {
            writeln!(out, "nothing is wrong with {scope}")?;
            Ok(Exit::Problem)
        }
    }
}
