//! Answers to queries of clients.

use vibesync_protocol::{MAX_RESULT_ITEMS, OperationStage, QueryResult, ScopedFailure};
use vibesync_scene::{
    Change, ComponentSet, FailureHistory, KeptEntities, OperationId, Reference, Row, Scene, Target,
    Uuid,
};

use crate::intake::answer::logged_error;
use crate::intake::pending_intents::PendingIntents;
use crate::transaction::lifecycle::Transactions;

/// Returns a page of the entities behind `after`, for an agent without those that are kept from agents.
pub(crate) fn entities(
    scene: &Scene,
    after: Option<Uuid>,
    limit: Option<u32>,
    is_for_agent: bool,
) -> QueryResult {
    let limit = limit.unwrap_or(100).clamp(1, 1_000) as usize;
    let kept = KeptEntities::new(scene);
    let rows = scene.rows_after(after);
    let rows = rows.filter(|row| !is_for_agent || !kept.contains(row.entity.uuid));
    let mut entities: Vec<Row> = rows.take(limit + 1).cloned().collect();
    if is_for_agent {
        (entities.iter_mut()).for_each(|row| withhold_kept_data(&kept, row));
    }
    let has_more = entities.len() > limit;
    entities.truncate(limit);
    let last = entities.last().filter(|_| has_more);
    let next = last.map(|row| row.entity.uuid);
    QueryResult::Entities { entities, next }
}

/// Removes from the row of a deleted entity the data, materials and images that kept entities alone show now. Those of a live
/// entity that is not kept are never kept.
fn withhold_kept_data(kept: &KeptEntities<'_>, row: &mut Row) {
    let components = &mut row.entity.components;
    let mut references = components.references();
    let is_kept = |it: &Reference| it.target != Target::Object && kept.contains(it.uuid);
    if row.tombstone && references.any(|it| is_kept(&it)) {
        let links = ComponentSet::naming(|target| target != Target::Object);
        components.retain(|name| !links.contains(name));
    }
}

/// Returns the state of an operation.
pub(crate) fn operation(
    pending: &PendingIntents,
    transactions: &Transactions,
    id: OperationId,
) -> QueryResult {
    let deferred = pending.find_operation(id);
    let known = transactions.operation(id);
    let end = known.and_then(|known| known.end.as_ref());
    let open = known.and_then(|known| transactions.open.get(known.begin));
    let waiting = deferred.into_iter().flat_map(|it| &it.intent.changes);
    let uuids = waiting.map(Change::uuid);
    let uuids = uuids.chain(open.into_iter().flat_map(|it| it.open.uuids()));
    QueryResult::Operation {
        stage: match (known, end, deferred) {
            (Some(_), Some(_), _) => OperationStage::Ended,
            (Some(_), None, _) => OperationStage::Open,
            (None, _, Some(_)) => OperationStage::Waiting,
            (None, _, None) => OperationStage::Unknown,
        },
        seq: known.map(|known| known.begin),
        uuids: uuids.take(MAX_RESULT_ITEMS).collect(),
        waits_for: deferred.map(|deferred| deferred.reason.waits_for()),
        outcome: end.map(|end| end.outcome),
        error: end.and_then(|end| end.error.as_ref()).map(logged_error),
    }
}

/// Returns the failures that are not known to work again: open breakers first, then the newest.
pub(crate) fn governance(history: &FailureHistory) -> QueryResult {
    let mut failures: Vec<ScopedFailure> = history
        .iter()
        .map(|(scope, state)| ScopedFailure {
            scope: scope.clone(),
            state: state.clone(),
        })
        .collect();
    let total = failures.len() as u64;
    failures.sort_by_key(|it| (!it.state.open, std::cmp::Reverse(it.state.seq)));
    failures.truncate(MAX_RESULT_ITEMS);
    QueryResult::Governance {
        safe_mode: history.safe_mode().cloned(),
        failed_boots: history.failed_boots(),
        failures,
        total,
    }
}
