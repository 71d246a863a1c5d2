//! Add-ons of the fake daemon, and its answers to calls.

use serde_json::json;
use vibesync_mcp::{CallRequest, Called};
use vibesync_protocol::{
    Capability, CapabilityState, CommandAnswer, CommandProgress, CommandState, ErrorBody,
};
use vibesync_scene::{Code, OperationId, Role, Uuid};
use vibesync_testkit::fakes::addons::FakeAddon;

use crate::fake::HOSTILE;

/// Returns a ready add-on whose texts are hostile.
pub fn ready(id: &str) -> Capability {
    let mut addon = FakeAddon::with_id(id);
    addon.manifest["ai_integration"]["agent_description"] = json!(HOSTILE.replace('\u{1b}', ""));
    Capability {
        addon_id: id.into(),
        editor: Role::Blender,
        state: CapabilityState::Ready,
        code: None,
        why: String::new(),
        findings: Vec::new(),
        manifest: Some(addon.manifest.clone()),
        folder: None,
        manifest_sha256: Some(addon.manifest_sha256()),
        code_sha256: Some(addon.code_sha256()),
        tools: vec!["make_stone".into(), "count_stones".into()],
        blocked: [("count_stones".to_owned(), Code::BreakerOpen)].into(),
        read_only: false,
        max_ms: 10_000,
    }
}

/// Returns an add-on that nobody has allowed.
pub fn unknown(id: &str) -> Capability {
    Capability {
        state: CapabilityState::NeedsPermission,
        code: Some(Code::NotAllowed),
        why: "a person has not allowed the add-on yet".into(),
        manifest: None,
        tools: Vec::new(),
        ..ready(id)
    }
}

/// Answers a call: `size` 5 fails, 6 waits for a person.
pub fn answer(request: &CallRequest, seq: u64) -> Called {
    let size = request.params.get("size").and_then(|it| it.as_f64());
    if size == Some(6.0) {
        return Called::Running(CommandProgress {
            request_id: request.request_id.unwrap(),
            state: CommandState::Waiting,
            message: "a person has to allow it".into(),
            elapsed_ms: 0,
            approval: Some(vibesync_protocol::AwaitedApproval {
                approval_id: Uuid::from_u128(3),
                expires_in_ms: 1_000,
            }),
        });
    }
    let code = Code::HandlerFailed;
    let error = (size == Some(5.0)).then(|| ErrorBody {
        code,
        message: "no stone".into(),
        location: String::new(),
        help: code.help().into(),
    });
    Called::Answered(Box::new(CommandAnswer {
        request_id: request.request_id,
        message_id: None,
        addon_id: request.addon_id.clone(),
        command: request.command.clone(),
        result: json!({"status": "success", "message": "Made a stone.", "data": {}}),
        error,
        findings: Vec::new(),
        operation_id: Some(OperationId(Uuid::from_u128(4))),
        changes: 2,
        output: "printed".into(),
        elapsed_ms: 5,
        taken_back: false,
        not_synced: Vec::new(),
        seq,
    }))
}
