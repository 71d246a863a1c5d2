//! The decision on a call: it is admitted, or refused with all reasons. A decision changes nothing.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;
use vibesync_capability::{check_arguments, escape};
use vibesync_protocol::{AddonCommand, CapabilityState, ErrorBody};
use vibesync_scene::{
    AgentMode, AgentName, ApprovalKind, Call, Code, FailureHistory, Invalid, PolicyDecision, Scene,
    Scope, Verdict,
};

use crate::agents::access::Access;
use crate::capabilities::grants::with_help;
use crate::capabilities::judge::Entry;
use crate::capabilities::registry::{Registry, public_reason};
use crate::governance::policy;

/// Largest arguments that the log holds, bytes of JSON.
const MAX_LOGGED: usize = 4 << 10;
/// Characters of a name in a message.
const SHOWN: usize = 64;

/// A call that may begin.
#[derive(Debug)]
pub(crate) struct Admitted {
    pub call: Call,
    pub params: Map<String, Value>,
    pub resolved: BTreeMap<String, Uuid>,
    pub is_read_only: bool,
}

/// The reasons why a call may not begin.
#[derive(Debug)]
pub(crate) struct Refused {
    pub error: ErrorBody,
    /// Mistakes of the arguments.
    pub findings: Vec<Value>,
    /// Set if the failure history forbids the call.
    pub decision: Option<PolicyDecision>,
    /// Whether a person can allow the call.
    pub is_askable: bool,
}

impl Refused {
    pub fn new(code: Code, location: &str, message: impl Into<String>) -> Box<Self> {
        Self::invalid(Invalid::new(code, location.to_owned(), message.into()))
    }

    pub fn invalid(invalid: Invalid) -> Box<Self> {
        Box::new(Self {
            error: with_help(invalid),
            findings: Vec::new(),
            decision: None,
            is_askable: false,
        })
    }

    /// Makes a refusal that a person can turn into a consent.
    fn askable(code: Code, location: &str, message: impl Into<String>) -> Box<Self> {
        Box::new(Self {
            is_askable: true,
            ..*Self::new(code, location, message)
        })
    }
}

/// The state that the decision depends on.
pub(crate) struct Admission<'a> {
    pub registry: &'a Registry,
    pub scene: &'a Scene,
    pub failures: &'a FailureHistory,
    /// The rights of the agent.
    pub access: Access<'a>,
    /// A person has allowed exactly this call.
    pub is_approved: bool,
}

impl Admission<'_> {
    /// Decides on the call of an agent.
    pub fn decide(
        &self,
        agent: &AgentName,
        request_id: Uuid,
        command: &AddonCommand,
    ) -> Result<Admitted, Box<Refused>> {
        self.check_mode()?;
        let entry = self.find(&command.addon_id)?;
        let grant = entry
            .grant
            .as_ref()
            .filter(|_| entry.state == CapabilityState::Ready);
        let Some(grant) = grant else {
            let code = entry.code.unwrap_or(Code::NotAllowed);
            let why = match entry.is_allowed() {
                true => entry.why.clone(),
                false => public_reason(entry),
            };
            return Err(match code {
                Code::NotAllowed => Refused::askable(code, "addon_id", why),
                code => Refused::new(code, "addon_id", why),
            });
        };
        let Some(tool) = entry.tool(&command.command) else {
            let name = escape(&command.command, SHOWN);
            let message = format!("{} has no tool \"{name}\"", entry.id);
            return Err(Refused::new(Code::CapabilityUnknown, "command", message));
        };
        if !grant.tools.contains(&tool.name) {
            let message = "a person allowed other tools of the add-on, not this one";
            return Err(Refused::new(Code::NotAllowed, "command", message));
        }
        let decision = self.consult(&entry.id, &tool.name)?;
        self.check_agent(&entry.id)?;
        let mut params = check_arguments(tool, &command.params, &[]).map_err(|findings| {
            let all = findings.list.iter();
            wrong_arguments(all.cloned().collect(), findings.more)
        })?;
        let resolved = super::resolve::resolve(self.scene, tool, &mut params)
            .map_err(|findings| wrong_arguments(findings, 0))?;
        let wanted = command.deadline_ms.unwrap_or(grant.max_ms).max(1);
        Ok(Admitted {
            call: Call {
                request_id,
                agent: agent.clone(),
                addon_id: entry.id.clone(),
                tool: tool.name.clone(),
                editor: entry.editor,
                manifest_sha256: grant.manifest_sha256.clone(),
                code_sha256: grant.code_sha256.clone(),
                params: loggable(&params),
                digest: request_digest(agent, command),
                deadline_ms: wanted.min(grant.max_ms),
                decision,
            },
            params,
            resolved,
            is_read_only: grant.read_only,
        })
    }

    fn check_mode(&self) -> Result<(), Box<Refused>> {
        match self.access.mode() {
            AgentMode::Read | AgentMode::Off => {
                let message = format!("{} may only read", self.access.agent);
                Err(Refused::new(Code::ScopeNotGranted, "agent", message))
            }
            AgentMode::Ask | AgentMode::Work => Ok(()),
        }
    }

    /// An agent that nobody has let work needs a person's consent for each add-on.
    fn check_agent(&self, addon_id: &str) -> Result<(), Box<Refused>> {
        let kind = ApprovalKind::Call(addon_id.to_owned());
        let is_free = self.access.mode() == AgentMode::Work || self.access.is_allowed(&kind);
        if is_free || self.is_approved {
            return Ok(());
        }
        let message = "a person has to let this agent use the add-on";
        Err(Refused::askable(Code::ApprovalAwaited, "agent", message))
    }

    fn find(&self, id: &str) -> Result<&Entry, Box<Refused>> {
        self.registry.find(id).ok_or_else(|| {
            let message = format!("there is no add-on \"{}\"", escape(id, SHOWN));
            Refused::new(Code::CapabilityUnknown, "addon_id", message)
        })
    }

    /// Asks the failure history about the tool.
    fn consult(&self, addon_id: &str, tool: &str) -> Result<PolicyDecision, Box<Refused>> {
        let scope = Scope::of_tool(addon_id, tool);
        let decision = policy::decide_call(self.failures, scope);
        if decision.verdict < Verdict::Block {
            return Ok(decision);
        }
        Err(Box::new(Refused {
            error: policy::explain_block(self.failures, &decision),
            findings: Vec::new(),
            decision: Some(decision),
            is_askable: false,
        }))
    }
}

/// Returns arguments as the log holds them; none if they are too large.
fn loggable(params: &Map<String, Value>) -> Option<Value> {
    let logged = Value::Object(params.clone());
    let is_small = logged.to_string().len() <= MAX_LOGGED;
    is_small.then_some(logged)
}

fn wrong_arguments(findings: Vec<vibesync_capability::Finding>, more: usize) -> Box<Refused> {
    let first = findings
        .first()
        .map(ToString::to_string)
        .unwrap_or_default();
    let others = (findings.len() + more).saturating_sub(1);
    let message = match others {
        0 => first,
        others => format!("{first}; and {others} more"),
    };
    let json = findings
        .iter()
        .filter_map(|it| serde_json::to_value(it).ok());
    Box::new(Refused {
        findings: json.collect(),
        ..*Refused::new(Code::ParametersWrong, "params", message)
    })
}

/// Returns the digest of a request. The same agent that asks for the same again has the same.
pub(crate) fn request_digest(agent: &AgentName, command: &AddonCommand) -> String {
    let text = format!("{agent}\n{}", content_digest(command));
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

/// Returns the digest of what a call asks for.
pub(crate) fn content_digest(command: &AddonCommand) -> String {
    let content = (&command.addon_id, &command.command, &command.params);
    // Serializing plain data into memory cannot fail.
    let content = serde_json::to_vec(&content).unwrap_or_default();
    blake3::hash(&content).to_hex().to_string()
}
