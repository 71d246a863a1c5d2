//! One failure, and the scopes that it counts for.

use std::borrow::Cow;
use std::collections::BTreeSet;

use vibesync_protocol::{Code, ErrorBody};
use vibesync_scene::{Call, Change, OpenTransaction, Role, Scope, SessionId, Uuid};

use crate::transaction::rollback::Undone;

/// Most entities that one failure counts for.
const MAX_COUNTED: usize = 1_000;

/// A failure before it is counted.
pub(crate) struct Failure<'a> {
    pub session: Option<SessionId>,
    pub scopes: BTreeSet<Scope>,
    /// The editor in which it happened.
    pub at: Option<Role>,
    pub code: Code,
    pub detail: Cow<'a, str>,
}

impl<'a> Failure<'a> {
    /// An editor could not apply an entity, and transactions were undone for it.
    pub fn of_delivery(
        session: SessionId,
        at: Role,
        uuid: Uuid,
        error: &'a ErrorBody,
        undone: &[Undone],
    ) -> Self {
        let mut scopes = BTreeSet::new();
        // An editor that does not answer in time says nothing about the entity.
        if error.code != Code::VerificationTimeout {
            scopes.insert(Scope::Entity(uuid));
        }
        let by_agent = undone
            .iter()
            .filter(|undone| undone.open.origin == Role::Agent);
        for Undone { open, digest } in by_agent {
            let changes = open.steps.iter().map(|(change, _)| change);
            scopes.extend(automation_scopes(changes, digest));
        }
        Self {
            session: Some(session),
            scopes,
            at: Some(at),
            code: error.code,
            detail: error.message.as_str().into(),
        }
    }

    /// An intent of automation was refused. Repeating it will not help.
    pub fn of_refusal<'c>(
        session: SessionId,
        changes: impl Iterator<Item = &'c Change>,
        digest: &str,
        error: &ErrorBody,
    ) -> Self {
        Self {
            session: Some(session),
            scopes: automation_scopes(changes, digest),
            at: None,
            code: error.code,
            detail: format!("{}: {}", error.location, error.message).into(),
        }
    }

    /// The daemon stopped while it wrote this transaction.
    pub fn of_interrupted(open: &OpenTransaction) -> Self {
        let entities = open.uuids().take(MAX_COUNTED).map(Scope::Entity);
        Self {
            session: None,
            scopes: entities.collect(),
            at: None,
            code: Code::Interrupted,
            detail: "the daemon stopped while it wrote this down".into(),
        }
    }

    /// An editor's process ended while it worked on these entities.
    pub fn of_crash(session: SessionId, at: Role, working_on: &[Uuid]) -> Self {
        let entities = working_on.iter().take(MAX_COUNTED).copied();
        Self {
            session: Some(session),
            scopes: entities.map(Scope::Entity).collect(),
            at: Some(at),
            code: Code::EditorCrashed,
            detail: "the editor ended while it applied this".into(),
        }
    }

    /// A tool of an add-on failed in an editor.
    pub fn of_call(session: Option<SessionId>, call: &Call, code: Code, detail: &'a str) -> Self {
        Self {
            session,
            scopes: BTreeSet::from([Scope::of_tool(&call.addon_id, &call.tool)]),
            at: Some(call.editor),
            code,
            detail: detail.into(),
        }
    }

    /// Returns a digest that is equal for identical failures: same editor, code and detail.
    pub fn signature(&self) -> String {
        let at = self.at.map_or("", Role::as_str);
        let text = format!("{at}\n{}\n{}", self.code, self.detail);
        blake3::hash(text.as_bytes())
            .to_hex()
            .chars()
            .take(16)
            .collect()
    }
}

/// Returns the scopes that a failure of automation counts for.
fn automation_scopes<'a>(
    changes: impl Iterator<Item = &'a Change>,
    digest: &str,
) -> BTreeSet<Scope> {
    let coarser = [
        Scope::Content(digest.to_owned()),
        Scope::Automation,
        Scope::SafeMode,
    ];
    let operations = changes.flat_map(Scope::operations_of);
    operations.chain(coarser).collect()
}
