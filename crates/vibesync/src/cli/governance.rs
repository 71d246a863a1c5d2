//! `vibesync governance`: shows the failures that open circuit breakers, and resets them.

mod show;

use std::io::Write;

use vibesync_protocol::{QueryResult, ResetRequest};
use vibesync_scene::{Scope, Uuid};

use super::args::{GovernanceCommand, ScopeRef};
use super::client::Client;
use super::connect::connect;
use super::person;
use super::result::{CommandResult, ExitStatus, Failure, WrongUsage};
use crate::platform::project::Project;

/// Maximum number of lines of a list.
const LISTED: usize = 10;

pub(super) fn run(
    project: &Project,
    command: &GovernanceCommand,
    out: &mut impl Write,
) -> CommandResult {
    match command {
        GovernanceCommand::Show { all, json } => show::run(project, *all, *json, out),
        GovernanceCommand::Reset { scope, why, who } => {
            reset(project, scope, why, who.as_deref(), out)
        }
    }
}

fn reset(
    project: &Project,
    scope: &ScopeRef,
    why: &str,
    who: Option<&str>,
    out: &mut impl Write,
) -> CommandResult {
    let mut daemon = connect(project)?;
    let scope = match scope {
        ScopeRef::Whole(scope) => scope.clone(),
        ScopeRef::Prefix(prefix) => resolve(&mut daemon, prefix)?,
    };
    let request = ResetRequest {
        request_id: Uuid::new_v4(),
        scope: scope.clone(),
        who: person::name(who),
        why: why.to_owned(),
    };
    match daemon.reset(request)? {
        Some(seq) => {
            writeln!(out, "{scope} may be tried again, see record {seq}")?;
            Ok(ExitStatus::Ok)
        }
        None => {
            writeln!(out, "{scope} has no failures")?;
            Ok(ExitStatus::ProblemFound)
        }
    }
}

/// Finds the failing scope that begins with this text, which has no hyphens.
fn resolve(daemon: &mut Client, prefix: &str) -> Result<Scope, Failure> {
    let QueryResult::Governance { failures, .. } = daemon.governance()? else {
        return Err(
            WrongUsage::new("the daemon lists no failures", "Name the whole scope.").into(),
        );
    };
    let text = |scope: &Scope| scope.to_string();
    let scopes = failures.into_iter().map(|failure| failure.scope);
    let is_meant = |scope: &Scope| text(scope).replace('-', "").starts_with(prefix);
    let mut found: Vec<Scope> = scopes.filter(is_meant).collect();
    match (found.pop(), found.len()) {
        (Some(scope), 0) => Ok(scope),
        (None, _) => {
            let message = format!("no scope that has failed begins with {prefix}");
            Err(WrongUsage::new(message, "List them with `vibesync governance show --all`.").into())
        }
        (Some(last), _) => {
            let lines = found.iter().chain([&last]).take(LISTED).map(text);
            let lines = lines.collect::<Vec<_>>().join("\n    ");
            let message = format!("{prefix} is ambiguous:\n    {lines}");
            Err(WrongUsage::new(message, "Give more digits.").into())
        }
    }
}
