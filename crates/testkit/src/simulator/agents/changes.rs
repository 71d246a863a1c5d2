//! The invariants of the changes that agents make, and of the undo of their work.

use vibesync_scene::{AgentName, Change, OperationId, Payload, Phase, RecordBody, Role};

use super::super::violation::{Check, must};
use super::super::world::World;
use super::rights::{Rights, approval_of, creator_of};
use super::secrets::kept;
use super::transaction::{Transaction, check_own};
use super::wanted::Wanted;

/// Length of a day, milliseconds.
const DAY_MS: u64 = 86_400_000;

impl World {
    /// Checks a record before it is added to the ledger.
    pub fn check_agent_record(&mut self, record: &RecordBody) -> Check {
        match &record.payload {
            Payload::Begin { .. } => self.check_begin(record),
            Payload::Step { change, .. } => self.check_agent_step(change),
            Payload::Approval { .. } => self.check_approval(record),
            Payload::Call(call) => self.check_call(call),
            Payload::CallEnd(end) => self.check_call_end(record, end),
            _ => Ok(()),
        }
    }

    fn check_begin(&mut self, record: &RecordBody) -> Check {
        self.agents.current = None;
        let (
            Some(operation),
            Payload::Begin {
                origin,
                agent,
                base_seq,
                steps,
                digest,
                call,
                ..
            },
        ) = (record.operation_id, &record.payload)
        else {
            return Ok(());
        };
        let wanted = self.agents.wanted.get(&operation).cloned();
        let agent = match (agent, origin) {
            (None, Role::Agent) => Some(AgentName::default()),
            (agent, _) => agent.clone(),
        };
        if agent.is_none() && wanted.is_none() {
            return Ok(());
        }
        must(
            !self.agents.dry_runs.contains(&operation),
            "a dry run changes nothing",
            || format!("{record:?}"),
        )?;
        let records = &self.ledger.records;
        let is_again = is_done(records, operation);
        must(!is_again, "an operation of an agent is done once", || {
            format!("{record:?}")
        })?;
        let options = &self.plan.options.agents;
        let rights = agent
            .as_ref()
            .map(|agent| Rights::of(records, options, agent));
        let approval = approval_of(records, operation);
        let transaction = Transaction {
            operation,
            agent,
            is_call: call.is_some(),
            wanted,
            base_seq: *base_seq,
            is_many: *steps as usize > options.many,
            rights,
            is_approved: approval.is_some_and(|(_, of)| of == digest),
        };
        if let Some(call) = call {
            self.check_change_of_call(*call, *origin, transaction.agent.as_ref())?;
        }
        transaction.check_scope()?;
        self.count_transaction(&transaction);
        self.agents.current = Some(transaction);
        Ok(())
    }

    fn count_transaction(&mut self, transaction: &Transaction) {
        if transaction.is_call {
            self.counts.one("changes of calls");
        }
        self.counts
            .one(match (&transaction.wanted, &transaction.agent) {
                (Some(Wanted::Undo { by: Some(_), .. }), _) => "undone by agents",
                (Some(Wanted::Undo { by: None, .. }), _) => "undone by people",
                (Some(Wanted::Restore), _) => "restored by agents",
                (None, _) => "changes of agents",
            });
        if transaction.is_approved {
            self.counts.one("changes that a person has allowed");
        }
    }

    fn check_agent_step(&mut self, change: &Change) -> Check {
        let Some(transaction) = &self.agents.current else {
            return Ok(());
        };
        let records = &self.ledger.records;
        let scene = &self.ledger.state().scene;
        let row = scene.row(change.uuid());
        if transaction.agent.is_some() {
            let kept = kept(scene);
            let components = change.components();
            let parent = components.and_then(|it| it.parent?.uuid);
            let data = components.and_then(|it| it.data?.uuid);
            let mut names = [Some(change.uuid()), parent, data].into_iter().flatten();
            let is_guard = components.is_some_and(|it| it.guard.is_some_and(|it| it.human_only));
            must(
                !is_guard && !names.any(|uuid| kept.contains(&uuid)),
                "no agent changes what people keep",
                || format!("{change:?}; kept are {kept:?}"),
            )?;
        }
        let creator = creator_of(records, change.uuid());
        let is_foreign = creator.is_none() || creator != transaction.agent.as_ref();
        transaction.check_deletion(change, is_foreign)?;
        match &transaction.wanted {
            Some(Wanted::Undo { request, .. }) => check_own(records, request, row, change)?,
            _ if !transaction.is_call => transaction.check_fresh(records, row, change)?,
            _ => {}
        }
        if transaction.wanted.is_none() && !transaction.is_call {
            let sent = self.agents.sent.get(&transaction.operation);
            transaction.check_asked(sent, change)?;
        }
        self.count_created(change)
    }

    /// Counts what an agent creates, itself or with the tools that it calls, and checks its budget of a day.
    fn count_created(&mut self, change: &Change) -> Check {
        let transaction = self.agents.current.as_ref();
        let agent = transaction.and_then(|it| it.agent.clone());
        let (Some(agent), Change::Create { .. }) = (agent, change) else {
            return Ok(());
        };
        self.agents.created.push((agent.clone(), self.now));
        let (mut count, mut ends_at) = (0, 0);
        for (_, at) in self.agents.created.iter().filter(|it| it.0 == agent) {
            if *at >= ends_at {
                (count, ends_at) = (0, at + DAY_MS);
            }
            count += 1;
        }
        let most = self.plan.options.agents.created_per_day;
        must(count <= most, "an agent creates within its budget", || {
            format!("{agent} has created {count} entities within a day")
        })
    }
}

/// Returns true if an operation was done. A crash may interrupt an operation: it is undone then, and may be made again.
fn is_done(records: &[RecordBody], operation: OperationId) -> bool {
    let is_undone = |begin: u64| {
        let mut ends = records.iter().filter(|it| it.phase == Phase::Rollback);
        ends.any(|it| matches!(it.payload, Payload::End { begin: of, .. } if of == begin))
    };
    (1..).zip(records).any(|(seq, record)| {
        record.operation_id == Some(operation) && record.phase == Phase::Begin && !is_undone(seq)
    })
}
