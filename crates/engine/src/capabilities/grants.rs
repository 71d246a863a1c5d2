//! Permissions: a person allows an add-on to agents, or takes that back.

use vibesync_protocol::{Code, ErrorBody, GrantRequest, RevokeRequest};
use vibesync_scene::{
    Grant, HeldGrant, Invalid, Outcome, Payload, Phase, RecordBody, Revocation, Role, SessionId,
    truncate_text,
};

use super::judge::Entry;
use super::registry::Registry;
use crate::journal::Journal;

/// Longest time that a call may take, unless the person says another: milliseconds.
pub(crate) const DEFAULT_MAX_MS: u64 = 10_000;
/// Longest time that a person can allow, milliseconds.
const LONGEST_MS: u64 = 600_000;

/// Logs a permission. Returns the sequence of its record.
pub(crate) fn grant(
    journal: &mut Journal,
    registry: &mut Registry,
    session: SessionId,
    by: Role,
    request: GrantRequest,
) -> Result<u64, ErrorBody> {
    let unsigned = check(registry, by, request).map_err(with_help)?;
    let mac = registry.sign(&unsigned);
    // The newest decision counts.
    registry
        .temporary
        .remove(unsigned.editor, &unsigned.addon_id);
    let payload = Payload::Grant(Grant { mac, ..unsigned });
    Ok(append(journal, registry, session, payload))
}

/// Keeps a permission until this run of the daemon ends, or until it is [revoked](revoke).
pub(crate) fn grant_temporary(
    registry: &mut Registry,
    seq: u64,
    by: Role,
    request: GrantRequest,
) -> Result<(), ErrorBody> {
    let unsigned = check(registry, by, request).map_err(with_help)?;
    let mac = registry.sign(&unsigned);
    let grant = Grant { mac, ..unsigned };
    registry.temporary.put(HeldGrant { seq, grant });
    Ok(())
}

/// Forgets the permission of an add-on that is not logged.
fn forget_temporary(registry: &mut Registry, addon_id: &str) {
    for editor in Role::EDITORS {
        registry.temporary.remove(editor, addon_id);
    }
}

/// Logs the end of a permission. Returns the sequence of the last record; none if there was no permission.
pub(crate) fn revoke(
    journal: &mut Journal,
    registry: &mut Registry,
    session: SessionId,
    by: Role,
    request: &RevokeRequest,
) -> Option<u64> {
    let mut seq = None;
    forget_temporary(registry, &request.addon_id);
    for editor in Role::EDITORS {
        if registry.grants.get(editor, &request.addon_id).is_none() {
            continue;
        }
        let payload = Payload::Revocation(Revocation {
            editor,
            addon_id: request.addon_id.clone(),
            by,
            who: truncate_text(request.who.clone()),
            why: truncate_text(request.why.clone()),
        });
        seq = Some(append(journal, registry, session, payload));
    }
    seq
}

fn append(
    journal: &mut Journal,
    registry: &mut Registry,
    session: SessionId,
    payload: Payload,
) -> u64 {
    let record = RecordBody {
        session_id: Some(session),
        operation_id: None,
        uuids: Vec::new(),
        phase: Phase::Grant,
        outcome: Outcome::Ok,
        error_code: None,
        payload,
    };
    let seq = journal.append(record.clone());
    registry.grants.record(seq, &record);
    seq
}

/// Checks a permission against what the editor has now. The person must have seen exactly that.
fn check(registry: &Registry, by: Role, request: GrantRequest) -> Result<Grant, Invalid> {
    let entry = find_seen(registry, &request)?;
    let Some(manifest) = entry.manifest() else {
        return refuse(Code::ManifestRefused, "addon_id", &entry.why);
    };
    let mut tools: Vec<String> = match request.tools.is_empty() {
        true => {
            let all = manifest.ai_integration.tools.iter();
            all.map(|tool| tool.name.clone()).collect()
        }
        false => request.tools,
    };
    tools.sort();
    tools.dedup();
    if let Some(tool) = tools.iter().find(|tool| manifest.tool(tool).is_none()) {
        let message = format!("the add-on has no tool {tool:?}");
        return refuse(Code::CapabilityUnknown, "tools", &message);
    }
    let max_ms = request.max_ms.unwrap_or(DEFAULT_MAX_MS);
    if !(1..=LONGEST_MS).contains(&max_ms) {
        let message = format!("expected 1 to {LONGEST_MS} ms");
        return refuse(Code::MessageMalformed, "max_ms", &message);
    }
    Ok(Grant {
        editor: entry.editor,
        addon_id: entry.id.clone(),
        manifest_sha256: request.manifest_sha256,
        code_sha256: request.code_sha256,
        tools,
        read_only: request.read_only,
        max_ms,
        by,
        who: truncate_text(request.who),
        why: truncate_text(request.why),
        mac: String::new(),
    })
}

/// Returns the add-on with exactly the content that the person saw.
fn find_seen<'a>(registry: &'a Registry, request: &GrantRequest) -> Result<&'a Entry, Invalid> {
    let entries = registry.entries().iter();
    let mut named = entries
        .filter(|entry| entry.id == request.addon_id)
        .peekable();
    if named.peek().is_none() {
        let message = format!("no add-on has the id {:?}", request.addon_id);
        return refuse(Code::CapabilityUnknown, "addon_id", &message);
    }
    let is_seen = |entry: &&Entry| {
        entry.manifest_sha256.as_ref() == Some(&request.manifest_sha256)
            && entry.code_sha256.as_ref() == Some(&request.code_sha256)
    };
    match named.find(is_seen) {
        Some(entry) => Ok(entry),
        None => {
            let message = "the add-on has other content now than the person saw";
            refuse(Code::NotAllowed, "code_sha256", message)
        }
    }
}

fn refuse<T>(code: Code, location: &str, message: &str) -> Result<T, Invalid> {
    Err(Invalid::new(code, location.to_owned(), message.to_owned()))
}

/// Returns an error with the help of its code.
pub(crate) fn with_help(invalid: Invalid) -> ErrorBody {
    let mut error = ErrorBody::from(invalid);
    error.help = error.code.help().to_owned();
    error
}
