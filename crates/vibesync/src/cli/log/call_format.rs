//! Formats the records of calls and permissions as one line.

use std::fmt::{self, Write as _};

use vibesync_scene::{Call, CallEnd, Grant, Payload, Revocation};

use super::decision_format::DecisionSummary;
use crate::cli::text::{Sanitized, wire_name};

/// Maximum number of characters of the arguments of a call.
const MAX_PARAMS: usize = 200;

/// The content of a record of a call or a permission. Empty for other payloads.
pub(super) fn write_call(f: &mut fmt::Formatter<'_>, payload: &Payload) -> fmt::Result {
    match payload {
        Payload::Call(call) => write_begin(f, call),
        Payload::CallEnd(end) => write_end(f, end),
        Payload::Grant(grant) => write_grant(f, grant),
        Payload::Revocation(Revocation {
            editor,
            addon_id,
            who,
            why,
            ..
        }) => write!(
            f,
            "{} in {} is not allowed any more, by {}: {}",
            Sanitized(addon_id),
            editor.as_str(),
            Sanitized(who),
            Sanitized(why)
        ),
        _ => Ok(()),
    }
}

fn write_begin(f: &mut fmt::Formatter<'_>, call: &Call) -> fmt::Result {
    let (agent, addon, tool) = (&call.agent, &call.addon_id, &call.tool);
    write!(
        f,
        "{} calls {}.{} in {}",
        agent,
        Sanitized(addon),
        Sanitized(tool),
        call.editor.as_str()
    )?;
    if let Some(params) = &call.params {
        let text: String = params.to_string().chars().take(MAX_PARAMS).collect();
        write!(f, " with {}", Sanitized(&text))?;
    }
    write!(f, " as {}", call.request_id)?;
    match call.decision.findings.is_empty() {
        true => Ok(()),
        false => write!(f, ", consulted: {}", DecisionSummary(&call.decision)),
    }
}

fn write_end(f: &mut fmt::Formatter<'_>, end: &CallEnd) -> fmt::Result {
    let (addon, tool) = (Sanitized(&end.addon_id), Sanitized(&end.tool));
    write!(f, "{addon}.{tool} of {}", end.begin)?;
    match end.status {
        Some(status) => write!(f, ": {}", wire_name(&status))?,
        None => f.write_str(": no answer")?,
    }
    if end.taken_back {
        f.write_str(", taken back")?;
    }
    match end.detail.as_str() {
        "" => Ok(()),
        detail => write!(f, ": {}", Sanitized(detail)),
    }
}

fn write_grant(f: &mut fmt::Formatter<'_>, grant: &Grant) -> fmt::Result {
    let mut may = String::from("may be called");
    if grant.read_only {
        may.push_str(", to read only");
    }
    // Writing to a string cannot fail.
    let _ = write!(may, ", for at most {} ms", grant.max_ms);
    let digits = grant.code_sha256.get(..8).unwrap_or_default();
    write!(
        f,
        "{} in {} {may}: {}; content {}; by {}: {}",
        Sanitized(&grant.addon_id),
        grant.editor.as_str(),
        Sanitized(&grant.tools.join(", ")),
        Sanitized(digits),
        Sanitized(&grant.who),
        Sanitized(&grant.why)
    )
}
