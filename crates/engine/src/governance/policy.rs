//! The gate before every mutation: what the log knows of what it is about, and what follows from it.
//!
//! A person's edit is never refused for it: it is made with more care. Automation is stopped by an open breaker, from the
//! finest, one entity, to the safe mode.

use vibesync_protocol::{AckStatus, Code, ErrorBody, Intent};
use vibesync_scene::{
    Change, FailureState, Finding, Outcome, Payload, Phase, PolicyDecision, RecordBody, Role,
    Scope, SessionId, Verdict,
};

use crate::engine::Engine;

impl Engine {
    /// Asks the log about an intent's changes; `digest` is that of its content.
    pub(crate) fn decide_policy<'a>(
        &self,
        origin: Role,
        digest: &str,
        changes: impl Iterator<Item = &'a Change> + Clone,
    ) -> PolicyDecision {
        let mut decision = PolicyDecision::default();
        if self.failures.is_quiet() {
            return decision;
        }
        let person = origin.is_person();
        let entities = changes.clone().map(|change| Scope::Entity(change.uuid()));
        let coarser = changes
            .flat_map(Scope::operations_of)
            .chain([Scope::Content(digest.to_owned()), Scope::Automation]);
        let coarser = coarser.filter(|_| !person);
        for scope in entities.chain(coarser) {
            if let Some(trouble) = self.failures.get(&scope) {
                let verdict = match trouble.open && !person {
                    true => Verdict::Block,
                    false => Verdict::Degrade,
                };
                decision.note(verdict, finding(scope, trouble));
            }
        }
        if let Some(safe_mode) = self.failures.safe_mode().filter(|_| !person) {
            let seq = safe_mode.since;
            let (scope, code) = (Scope::SafeMode, Code::SafeMode);
            decision.note(Verdict::SafeMode, Finding { scope, code, seq });
        }
        decision
    }

    /// Puts on record that the log forbids an intent, and says so to whoever sent it.
    pub(crate) fn block(
        &mut self,
        session: SessionId,
        origin: Role,
        intent: &Intent,
        digest: String,
        decision: PolicyDecision,
    ) {
        let error = self.why_blocked(&decision);
        self.append(RecordBody {
            session_id: Some(session),
            operation_id: Some(intent.operation_id),
            uuids: intent.changes.iter().map(Change::uuid).collect(),
            phase: Phase::Consult,
            outcome: Outcome::Failed,
            error_code: Some(error.code),
            payload: Payload::Consult {
                origin,
                label: intent.label.clone(),
                digest,
                consulted: decision,
            },
        });
        self.note_error(&error, intent.changes.iter().map(Change::uuid));
        let head = self.head_seq();
        self.ack(session, intent, AckStatus::Refused, head, Some(error));
    }

    fn why_blocked(&self, decision: &PolicyDecision) -> ErrorBody {
        let Some(finding) = decision.findings.first() else {
            return body(
                Code::BreakerOpen,
                "the log forbids it".into(),
                String::new(),
            );
        };
        let location = finding.scope.to_string();
        if let Some(safe_mode) = self.failures.safe_mode() {
            return body(Code::SafeMode, safe_mode.why.clone(), location);
        }
        let bad = self.failures.get(&finding.scope);
        let code = match bad.is_some_and(|trouble| trouble.permanent) {
            true => Code::KnownBad,
            false => Code::BreakerOpen,
        };
        let message = format!(
            "failed {} times in a row, at last with {} in record {}",
            bad.map_or(1, |trouble| trouble.failures),
            finding.code,
            finding.seq
        );
        body(code, message, location)
    }
}

fn finding(scope: Scope, trouble: &FailureState) -> Finding {
    Finding {
        scope,
        code: trouble.code,
        seq: trouble.seq,
    }
}

fn body(code: Code, message: String, location: String) -> ErrorBody {
    let help = code.help().to_owned();
    ErrorBody {
        code,
        message,
        location,
        help,
    }
}
