//! Tells clients which resources have changed. Asks the daemon for changes while somebody listens.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rmcp::model::ResourceUpdatedNotificationParam;
use rmcp::service::SubscriptionContext;
use rmcp::{Peer, RoleServer};
use vibesync_protocol::{QueryResult, Question};

use crate::calls::Calls;
use crate::daemon::Fault;
use crate::resources::{Change, Resource};
use crate::tools::unexpected;

/// Most resources that one client follows at a time.
pub const MAX_URIS: usize = 64;

/// Time between two questions to the daemon, and so between two notices about a resource.
const INTERVAL: Duration = Duration::from_millis(500);

/// Time between two looks for new tools, and so between two notices about them.
const TOOLS_INTERVAL: Duration = Duration::from_secs(1);

/// The same while no daemon answers.
const ABSENT_INTERVAL: Duration = Duration::from_secs(2);

/// The resources that a client of the revision 2025-11-25 follows.
#[derive(Clone, Debug, Default)]
pub struct Subscribed(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    uris: BTreeSet<String>,
    /// Whether a task follows them.
    is_followed: bool,
}

impl Subscribed {
    /// Adds a resource. Returns true if the caller must start a task that follows all.
    pub fn add(&self, uri: String) -> Result<bool, String> {
        let mut state = self.lock();
        if state.uris.len() >= MAX_URIS && !state.uris.contains(&uri) {
            return Err(format!("a client can follow {MAX_URIS} resources"));
        }
        state.uris.insert(uri);
        Ok(!std::mem::replace(&mut state.is_followed, true))
    }

    /// Removes a resource.
    pub fn remove(&self, uri: &str) {
        self.lock().uris.remove(uri);
    }

    /// Returns the resources. If there are none, the task that follows them ends.
    fn uris(&self) -> Vec<String> {
        let mut state = self.lock();
        state.is_followed = !state.uris.is_empty();
        state.uris.iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The changes since the last look.
#[derive(Debug, Default)]
struct Changes {
    /// The last sequence that was seen; none before the first look.
    seq: Option<u64>,
    /// Whether the daemon answered the last question.
    is_reached: bool,
}

impl Changes {
    /// Waits, then returns what has changed; none if nothing has.
    async fn next(&mut self, calls: &Calls) -> Option<Change> {
        let interval = match self.is_reached || self.seq.is_none() {
            true => INTERVAL,
            false => ABSENT_INTERVAL,
        };
        if self.seq.is_some() {
            tokio::time::sleep(interval).await;
        }
        // The first look learns the sequence alone.
        let since = self.seq.unwrap_or(u64::MAX);
        let asked = calls.run(move |daemon| ask(daemon.ask(Question::Changes { since })?));
        match asked.await {
            Ok((seq, change)) => {
                self.is_reached = true;
                let before = self.seq.replace(seq);
                (before.is_some_and(|before| before != seq)).then_some(change)
            }
            Err(fault) => {
                if std::mem::replace(&mut self.is_reached, false) {
                    tracing::debug!("resources cannot be followed now: {}", fault.message);
                }
                self.seq.get_or_insert(0);
                None
            }
        }
    }
}

fn ask(result: QueryResult) -> Result<(u64, Change), Fault> {
    match result {
        QueryResult::Changes { seq, uuids, more } => Ok((seq, Change { uuids, more })),
        other => Err(unexpected(&other)),
    }
}

/// Returns the addresses whose resource a change may show in.
fn changed<'a>(uris: &'a [String], change: &Change) -> Vec<&'a str> {
    let is_changed =
        |uri: &&String| Resource::parse(uri).is_some_and(|it| it.is_changed_by(change));
    uris.iter().filter(is_changed).map(String::as_str).collect()
}

/// The changes of the list of tools.
#[derive(Debug)]
struct ToolChanges {
    seen: u64,
}

impl ToolChanges {
    fn new(calls: &Calls) -> Self {
        Self {
            seen: calls.capability_changes(),
        }
    }

    /// Waits until the list may have changed. Changes within a second are one.
    async fn next(&mut self, calls: &Calls) {
        loop {
            tokio::time::sleep(TOOLS_INTERVAL).await;
            let now = calls.capability_changes();
            if std::mem::replace(&mut self.seen, now) != now {
                return;
            }
        }
    }
}

/// Tells a client of the revision 2025-11-25 that the list of tools has changed, until it has gone.
pub async fn follow_tools(calls: Calls, peer: Peer<RoleServer>, seen: u64) {
    let mut tools = ToolChanges { seen };
    loop {
        tools.next(&calls).await;
        if peer.notify_tool_list_changed().await.is_err() {
            return;
        }
    }
}

/// Serves one `subscriptions/listen` until the client cancels it.
pub async fn listen(calls: &Calls, context: &SubscriptionContext) {
    let accepted = context.accepted().resource_subscriptions.clone();
    let uris = accepted.unwrap_or_default();
    let follows_tools = context.accepted().tools_list_changed == Some(true);
    let mut changes = Changes::default();
    let mut tools = ToolChanges::new(calls);
    loop {
        let change = tokio::select! {
            change = changes.next(calls), if !uris.is_empty() => change,
            () = tools.next(calls), if follows_tools => {
                if context.sink().notify_tool_list_changed().await.is_err() {
                    return;
                }
                continue;
            }
            () = context.cancelled() => return,
        };
        for uri in change.iter().flat_map(|change| changed(&uris, change)) {
            if context.sink().notify_resource_updated(uri).await.is_err() {
                return;
            }
        }
    }
}

/// Follows the resources of a client of the revision 2025-11-25 until it follows none, or has gone.
pub async fn follow_subscribed(calls: Calls, subscribed: Subscribed, peer: Peer<RoleServer>) {
    let mut changes = Changes::default();
    loop {
        let change = changes.next(&calls).await;
        let uris = subscribed.uris();
        if uris.is_empty() {
            return;
        }
        for uri in change.iter().flat_map(|change| changed(&uris, change)) {
            let update = ResourceUpdatedNotificationParam::new(uri);
            if peer.notify_resource_updated(update).await.is_err() {
                return;
            }
        }
    }
}
