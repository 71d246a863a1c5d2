//! Undo of an agent's work: what it changed returns to what it was, as one ordinary transaction.

mod plan;
pub(crate) mod work;

use std::collections::BTreeSet;

use vibesync_protocol::{
    Code, DaemonMessage, Intent, MAX_RESULT_ITEMS, QueryResult, RevertRequest, SCHEMA_VERSION,
};
use vibesync_scene::{AgentName, Invalid, OperationId, ProjectId, Role, Scene, SessionId};

pub use self::work::{AgentWork, Revert, Selection};
use crate::action::Action;
use crate::intake::location::ChangeLocation;
use crate::intake::restore_plan::{check_prepared, count_created, count_deleted, summarize};
use crate::intake::state::Intake;
use crate::journal::Journal;
use crate::revert::plan::Plan;
use crate::transaction::lifecycle::Transactions;

/// Most operations that a request names.
const MAX_NAMED: usize = 1_000;

impl Intake {
    /// Asks the program to read the log. An agent takes back its own work alone. One restore or undo is prepared at a time.
    pub fn request_revert(
        &mut self,
        journal: &mut Journal,
        transactions: &Transactions,
        session: SessionId,
        (role, agent): (Role, Option<&AgentName>),
        request: RevertRequest,
    ) {
        let is_own = agent == Some(&request.agent);
        let refused = match (role, self.restoring.is_some()) {
            (Role::Agent, _) if !is_own => Some(Invalid::new(
                Code::MessageUnknown,
                "agent",
                "an agent takes back its own work alone",
            )),
            (_, true) => Some(Invalid::new(
                Code::QueueFull,
                "type",
                "another restore or undo is being prepared",
            )),
            _ => None,
        };
        let head = journal.head_seq();
        let selection = match refused {
            Some(invalid) => Err(invalid),
            None => select(transactions, &request, head),
        };
        match selection {
            Ok(selection) => {
                self.restoring = Some(request.request_id);
                let request = Box::new(request);
                journal.push(Action::ReadWork {
                    session,
                    request,
                    selection,
                });
            }
            Err(invalid) => journal.refuse_request(session, request.request_id, &invalid),
        }
    }

    /// Answers with the planned changes, and returns the intent to carry out, if any.
    pub fn prepare_revert(
        &mut self,
        journal: &mut Journal,
        scene: &Scene,
        project_id: ProjectId,
        (session, role): (SessionId, Role),
        revert: &Revert,
    ) -> Option<Intent> {
        let Revert { request, work } = revert;
        let made = make_intent(scene, project_id, journal.head_seq(), role, revert);
        let (intent, left_out) = match made {
            Ok(made) => made,
            Err(invalid) => {
                self.refuse_restore(journal, session, &invalid);
                return None;
            }
        };
        self.restoring = None;
        let has_effect = !intent.changes.is_empty() && !request.dry_run;
        let result = QueryResult::Revert {
            agent: work.selection.agent.clone(),
            changes: summarize(scene, &intent.changes),
            total: intent.changes.len() as u64,
            created: count_created(&intent.changes),
            deleted: count_deleted(&intent.changes),
            left_out_total: left_out.len() as u64,
            left_out: left_out.into_iter().take(MAX_RESULT_ITEMS).collect(),
            operation_id: has_effect.then_some(intent.operation_id),
        };
        let request_id = request.request_id;
        journal.send(session, DaemonMessage::Result { request_id, result });
        has_effect.then_some(intent)
    }
}

/// Returns the part of the log that a request is about.
fn select(
    transactions: &Transactions,
    request: &RevertRequest,
    head: u64,
) -> Result<Selection, Invalid> {
    let refuse =
        |location: &str, message: String| Err(Invalid::new(Code::IntentShape, location, message));
    let operations: BTreeSet<OperationId> = request.operations.iter().copied().collect();
    if operations.len() > MAX_NAMED {
        return refuse("operations", format!("more than {MAX_NAMED} operations"));
    }
    if operations.is_empty() == request.since_seq.is_none() {
        let message = "name either operations or since_seq";
        return refuse("operations", message.to_owned());
    }
    let mut first = request
        .since_seq
        .map_or(head, |since| since.saturating_add(1));
    for id in &operations {
        match transactions.operation(*id) {
            Some(known) => first = first.min(known.begin),
            None => {
                let message = format!("operation {id} is unknown, or too old: name since_seq");
                return refuse("operations", message);
            }
        }
    }
    Ok(Selection {
        agent: request.agent.clone(),
        operations,
        first,
        last: head,
    })
}

fn make_intent(
    scene: &Scene,
    project_id: ProjectId,
    head_seq: u64,
    role: Role,
    revert: &Revert,
) -> Result<(Intent, Vec<vibesync_protocol::LeftOut>), Invalid> {
    let Revert { request, work } = revert;
    let plan = Plan::new(scene, work, role == Role::Agent)?;
    let (changes, left_out) = (plan.changes, plan.left_out);
    let label = match &request.who {
        Some(who) => format!("{} ({who})", request.label),
        None => request.label.clone(),
    };
    let intent = Intent {
        operation_id: OperationId(request.request_id),
        project_id,
        schema_version: SCHEMA_VERSION,
        base_seq: head_seq,
        label,
        dry_run: false,
        request_id: None,
        changes: changes.into_values().collect(),
    };
    check_prepared(scene, &intent)?;
    Ok((intent, left_out))
}

/// Looks for an entity that has changed since an undo was planned. An undo that has waited must not overwrite what somebody
/// did meanwhile.
pub(crate) fn find_outdated(scene: &Scene, intent: &Intent) -> Option<Invalid> {
    let has_changed = |uuid| {
        let row = scene.row(uuid);
        row.is_some_and(|row| row.changed.after(intent.base_seq).next().is_some())
    };
    let at = intent
        .changes
        .iter()
        .position(|it| has_changed(it.uuid()))?;
    let location = format!("{}.uuid", ChangeLocation(at));
    let message = "somebody has changed this entity since the undo was planned; try again";
    Some(Invalid::new(Code::Stale, location, message))
}
