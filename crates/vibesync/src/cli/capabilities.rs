//! `vibesync agents capabilities`, `allow` and `revoke`: the add-ons that agents may call.

use std::io::{self, Write};

use serde_json::{Value, json};
use vibesync_protocol::{Capability, CapabilityState, GrantRequest, RevokeRequest};
use vibesync_scene::Uuid;

use super::client::Client;
use super::person;
use super::result::{CommandResult, ExitStatus, Failure, WrongUsage};
use super::text::Sanitized;

/// Maximum number of mistakes of one manifest that are printed.
const MAX_FINDINGS: usize = 20;

/// A permission that a person gives.
#[derive(Debug, clap::Args)]
pub struct Allowing {
    /// Id of the add-on
    pub addon: String,
    /// Only this tool; may be given several times [default: all tools]
    #[arg(long, value_name = "TOOL")]
    pub tool: Vec<String>,
    /// The tools may change nothing
    #[arg(long)]
    pub read_only: bool,
    /// Longest time of a call in seconds [default: 10]
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u64>,
    /// Reason, for the log
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub why: String,
    /// Name of the person [default: the user name]
    #[arg(long, value_name = "NAME")]
    pub who: Option<String>,
}

pub(super) fn list(daemon: &mut Client, json: bool, out: &mut impl Write) -> CommandResult {
    let addons = daemon.capabilities()?;
    if json {
        writeln!(out, "{}", json!({"addons": addons}))?;
        return Ok(ExitStatus::Ok);
    }
    if addons.is_empty() {
        writeln!(
            out,
            "no editor has reported an add-on with an addon_ai.json"
        )?;
    }
    for addon in &addons {
        write_addon(addon, out)?;
    }
    Ok(ExitStatus::Ok)
}

fn write_addon(addon: &Capability, out: &mut impl Write) -> io::Result<()> {
    let (id, state) = (Sanitized(&addon.addon_id), addon.state.as_str());
    write!(out, "{id} in {}: {state}", addon.editor.as_str())?;
    match addon.why.as_str() {
        "" => writeln!(out)?,
        why => writeln!(out, ": {}", Sanitized(why))?,
    }
    let info = |path: &str| {
        let value = addon.manifest.as_ref()?.pointer(path)?;
        Some(Sanitized(value.as_str()?).to_string())
    };
    if let Some(name) = info("/addon_info/name") {
        let version = info("/addon_info/version").unwrap_or_default();
        let author = info("/addon_info/author").unwrap_or_default();
        writeln!(out, "  {name} {version} by {author}")?;
    }
    if let Some(folder) = &addon.folder {
        writeln!(out, "  {}", Sanitized(folder))?;
    }
    if !addon.tools.is_empty() {
        let tools = addon.tools.join(", ");
        writeln!(out, "  allowed: {}", Sanitized(&tools))?;
    }
    for (tool, code) in &addon.blocked {
        let (id, tool) = (Sanitized(&addon.addon_id), Sanitized(tool));
        writeln!(
            out,
            "  blocked: {tool} ({code}); vibesync governance reset capability:{id}/{tool}"
        )?;
    }
    for finding in addon.findings.iter().take(MAX_FINDINGS) {
        writeln!(out, "  {}", finding_text(finding))?;
    }
    if matches!(
        addon.state,
        CapabilityState::NeedsPermission | CapabilityState::Changed
    ) {
        writeln!(out, "  vibesync agents allow {id}")?;
    }
    Ok(())
}

fn finding_text(finding: &Value) -> String {
    let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
    let place = match finding.get("line") {
        Some(line) => format!("line {line}, {}", text("path")),
        None => text("path").to_owned(),
    };
    Sanitized(&format!("{place}: {} ({})", text("message"), text("rule"))).to_string()
}

/// Allows an add-on with the content that it has now.
pub(super) fn allow(daemon: &mut Client, given: &Allowing, out: &mut impl Write) -> CommandResult {
    let addons = daemon.capabilities()?;
    let named = addons.iter().filter(|it| it.addon_id == given.addon);
    let Some(addon) = named.min_by_key(|it| it.state) else {
        return Err(unknown(&given.addon));
    };
    let (Some(manifest_sha256), Some(code_sha256)) =
        (addon.manifest_sha256.clone(), addon.code_sha256.clone())
    else {
        let message = format!("{} cannot be allowed: {}", given.addon, addon.why);
        let help = "Its content has no digest: its files are unreadable, or too many.";
        return Err(WrongUsage::new(message, help).into());
    };
    let digits = code_sha256.get(..8).unwrap_or_default().to_owned();
    let seq = daemon.grant(GrantRequest {
        request_id: Uuid::new_v4(),
        addon_id: given.addon.clone(),
        manifest_sha256,
        code_sha256,
        tools: given.tool.clone(),
        read_only: given.read_only,
        max_ms: given.seconds.map(|seconds| seconds.saturating_mul(1_000)),
        who: person::name(given.who.as_deref()),
        why: given.why.clone(),
    })?;
    writeln!(
        out,
        "agents may call {} with the content {digits}, see record {seq}",
        Sanitized(&given.addon)
    )?;
    Ok(ExitStatus::Ok)
}

pub(super) fn revoke(
    daemon: &mut Client,
    addon: &str,
    why: &str,
    who: Option<&str>,
    out: &mut impl Write,
) -> CommandResult {
    let revoked = daemon.revoke(RevokeRequest {
        request_id: Uuid::new_v4(),
        addon_id: addon.to_owned(),
        who: person::name(who),
        why: why.to_owned(),
    })?;
    match revoked {
        Some(seq) => {
            writeln!(
                out,
                "agents may not call {} any more, see record {seq}",
                Sanitized(addon)
            )?;
            Ok(ExitStatus::Ok)
        }
        None => {
            writeln!(out, "nobody had allowed {}", Sanitized(addon))?;
            Ok(ExitStatus::ProblemFound)
        }
    }
}

fn unknown(addon: &str) -> Failure {
    let message = format!("no editor has reported an add-on {addon}");
    WrongUsage::new(message, "List them with `vibesync agents capabilities`.").into()
}
