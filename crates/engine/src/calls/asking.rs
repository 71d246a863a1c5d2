//! Calls that wait for a person: the first use of an add-on, or of any add-on by an agent that nobody decided about.

use std::collections::BTreeMap;

use uuid::Uuid;
use vibesync_protocol::{AddonCommand, GrantRequest};
use vibesync_scene::SessionId;

use super::open::Asker;
use crate::agents::question::plain;
use crate::capabilities::judge::Entry;

/// Most lines about an add-on.
const MAX_LINES: usize = 12;

/// A call whose question is open.
#[derive(Debug)]
pub(crate) struct AskingCall {
    pub asker: Asker,
    pub request_id: Uuid,
    pub command: AddonCommand,
    /// Digest of the request.
    pub digest: String,
    /// The permission to give, if the add-on itself is not allowed yet.
    pub offer: Option<GrantRequest>,
}

/// The calls that wait for a person, by the id of the question.
#[derive(Debug, Default)]
pub(crate) struct AskingCalls(BTreeMap<Uuid, AskingCall>);

impl AskingCalls {
    pub fn put(&mut self, approval: Uuid, call: AskingCall) {
        self.0.insert(approval, call);
    }

    pub fn take(&mut self, approval: Uuid) -> Option<AskingCall> {
        self.0.remove(&approval)
    }

    /// Returns the waiting call of a request, with the id of its question.
    pub fn find(&mut self, request_id: Uuid) -> Option<(Uuid, &mut AskingCall)> {
        let mut all = self.0.iter_mut();
        let (approval, call) = all.find(|(_, call)| call.request_id == request_id)?;
        Some((*approval, call))
    }

    /// Forgets the calls of a connection that has ended.
    pub fn remove_session(&mut self, session: SessionId) {
        self.0.retain(|_, call| call.asker.session != session);
    }
}

/// Returns what a person would allow; none for content without a digest.
pub(crate) fn offer(entry: &Entry) -> Option<GrantRequest> {
    Some(GrantRequest {
        request_id: Uuid::nil(),
        addon_id: entry.id.clone(),
        manifest_sha256: entry.manifest_sha256.clone()?,
        code_sha256: entry.code_sha256.clone()?,
        tools: Vec::new(),
        read_only: false,
        max_ms: None,
        who: String::new(),
        why: "asked by an agent".into(),
    })
}

/// Lists what a person should know about an add-on before allowing it.
pub(crate) fn details(entry: &Entry, tool: &str) -> Vec<String> {
    let Some(manifest) = entry.manifest() else {
        return Vec::new();
    };
    let info = &manifest.addon_info;
    let mut lines = vec![
        format!("Call {}.{}", entry.id, plain(tool)),
        format!(
            "\"{}\" {} by {}",
            plain(&info.name),
            info.version,
            plain(&info.author)
        ),
        format!("In {}: {}", entry.editor.as_str(), plain(&entry.folder)),
    ];
    if !entry.why.is_empty() {
        lines.push(plain(&entry.why));
    }
    let tools = manifest.ai_integration.tools.iter();
    lines.extend(tools.map(|tool| {
        let effect = match (tool.hints.read_only, tool.hints.destructive) {
            (true, _) => "says that it reads only",
            (false, false) => "changes",
            (false, true) => "may delete or overwrite",
        };
        format!("Tool {}: {effect}", tool.name)
    }));
    lines.truncate(MAX_LINES);
    lines
}
