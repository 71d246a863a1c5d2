//! Reads the top level of a manifest: identity, requirements, the lists of tools and hints.

use std::collections::HashSet;

use vibesync_json::{Kind, Limits, Position, parse};

use super::fields::{Field, Fields, Report, report_repeated_keys};
use super::tool::read_tool;
use crate::finding::{Findings, Rule};
use crate::identifier::{CATEGORIES, is_addon_id, is_category};
use crate::limits;
use crate::manifest::{AddonInfo, AiIntegration, Manifest, Requirements};
use crate::version::Version;

/// Words for the form of an id, in messages.
const ID_FORM: &str = "an id: 1 to 64 letters, digits, - and _ after a letter, not reserved";
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A manifest, and the notes about it.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The manifest.
    pub manifest: Manifest,
    /// Facts that refuse nothing.
    pub notes: Findings,
}

/// The reasons why a manifest is refused.
#[derive(Clone, Debug, Default)]
pub struct Refused {
    /// The id, where it could be read.
    pub id: Option<String>,
    /// All mistakes; at least one.
    pub errors: Findings,
    /// Facts that refuse nothing.
    pub notes: Findings,
}

/// Reads the bytes of an `addon_ai.json`.
///
/// # Errors
///
/// Returns all mistakes. A text that is not JSON has one: its first.
pub fn read(bytes: &[u8]) -> Result<Accepted, Box<Refused>> {
    const LIMITS: Limits = Limits {
        bytes: limits::BYTES,
        depth: limits::DEPTH,
        values: limits::VALUES,
    };
    let mut report = Report::default();
    if bytes.starts_with(BYTE_ORDER_MARK) {
        let message = "the text begins with a byte order mark";
        report.add(Rule::Syntax, Position::START, "", message);
        return Err(refuse(None, report));
    }
    let json = match parse(bytes, LIMITS) {
        Ok(json) => json,
        Err(error) => {
            report.add(Rule::Syntax, error.position, "", error.message);
            return Err(refuse(None, report));
        }
    };
    report_repeated_keys(&json, "", &mut report);
    let whole = Field {
        json: &json,
        path: String::new(),
    };
    let (id, manifest) = read_whole(&whole, &mut report);
    match manifest {
        Some(manifest) if report.errors.is_empty() => {
            report.notes.sort();
            let notes = report.notes;
            Ok(Accepted { manifest, notes })
        }
        _ => Err(refuse(id, report)),
    }
}

fn refuse(id: Option<String>, mut report: Report) -> Box<Refused> {
    report.errors.sort();
    report.notes.sort();
    Box::new(Refused {
        id,
        errors: report.errors,
        notes: report.notes,
    })
}

/// Returns the id where it could be read, and the manifest where all of it could be read.
fn read_whole(whole: &Field, report: &mut Report) -> (Option<String>, Option<Manifest>) {
    let Some(fields) = Fields::new(whole, &["addon_info", "ai_integration"], report) else {
        return (None, None);
    };
    let info = fields.require("addon_info", report);
    let (id, info) = info.map_or((None, None), |field| read_info(&field, report));
    let part = fields.require("ai_integration", report);
    let part = part.and_then(|field| read_integration(&field, id.as_deref(), report));
    let manifest = info.zip(part).map(|(addon_info, ai_integration)| Manifest {
        addon_info,
        ai_integration,
    });
    (id, manifest)
}

fn read_info(field: &Field, report: &mut Report) -> (Option<String>, Option<AddonInfo>) {
    let known = ["id", "name", "version", "author", "category", "description"];
    let Some(fields) = Fields::new(field, &known, report) else {
        return (None, None);
    };
    let id = fields.require("id", report);
    let id = id.and_then(|field| field.form(Rule::Id, is_addon_id, ID_FORM, report));
    let name = fields.text("name", limits::NAME, report);
    let version = fields.require("version", report);
    let version = version.and_then(|field| read_version(&field, report));
    let author = fields.text("author", limits::NAME, report);
    let category = fields.require("category", report);
    let category = category.and_then(|field| read_category(&field, report));
    let description = fields.get("description");
    if description.is_none() {
        let message = "the description for people is missing";
        report.add(
            Rule::NoDescription,
            fields.position(),
            &fields.path,
            message,
        );
    }
    let description = description.and_then(|field| field.text(limits::SUMMARY, report));
    let info = (|| {
        Some(AddonInfo {
            id: id.clone()?,
            name: name?,
            version: version?,
            author: author?,
            category: category?,
            description,
        })
    })();
    (id, info)
}

fn read_version(field: &Field, report: &mut Report) -> Option<Version> {
    let wanted = "a version: one to four numbers with points, then an optional suffix";
    let is_version = |text: &str| text.parse::<Version>().is_ok();
    let text = field.form(Rule::Version, is_version, wanted, report)?;
    text.parse().ok()
}

fn read_category(field: &Field, report: &mut Report) -> Option<String> {
    let wanted = "a category: up to 40 lower case letters and _";
    let category = field.form(Rule::Category, is_category, wanted, report)?;
    if !CATEGORIES.contains(&category.as_str()) {
        let message = format!("the category is none of {}", CATEGORIES.join(", "));
        field.add(Rule::OtherCategory, message, report);
    }
    Some(category)
}

fn read_integration(field: &Field, id: Option<&str>, report: &mut Report) -> Option<AiIntegration> {
    let known = [
        "agent_description",
        "tools",
        "context_hints",
        "requirements",
    ];
    let fields = Fields::new(field, &known, report)?;
    let agent_description = fields.text("agent_description", limits::AGENT_DESCRIPTION, report);
    let list = fields.require("tools", report);
    let entries = list.as_ref().map(|field| field.list(limits::TOOLS, report));
    let mut tools = Vec::new();
    let mut seen = HashSet::new();
    for entry in entries.iter().flatten() {
        tools.extend(read_tool(entry, &mut seen, report));
    }
    let is_empty =
        |field: &Field| matches!(&field.json.kind, Kind::List(values) if values.is_empty());
    if let Some(field) = list.filter(is_empty) {
        field.add(Rule::NoTools, "the add-on has no tools", report);
    }
    let hints = fields.texts(
        "context_hints",
        limits::CONTEXT_HINTS,
        limits::EXAMPLE,
        report,
    );
    let requirements = fields.get("requirements");
    let requirements = requirements.map(|field| read_requirements(&field, id, report));
    Some(AiIntegration {
        agent_description: agent_description?,
        tools,
        context_hints: hints,
        requirements: requirements.unwrap_or_default(),
    })
}

fn read_requirements(field: &Field, id: Option<&str>, report: &mut Report) -> Requirements {
    let known = [
        "blender_version_min",
        "unity_version_min",
        "depends_on",
        "conflicts_with",
    ];
    let Some(fields) = Fields::new(field, &known, report) else {
        return Requirements::default();
    };
    let version = |key: &str, report: &mut Report| {
        let field = fields.get(key)?;
        read_version(&field, report)
    };
    let blender_version_min = version("blender_version_min", report);
    let unity_version_min = version("unity_version_min", report);
    let depends_on = read_ids(&fields, "depends_on", id, report);
    let conflicts_with = read_ids(&fields, "conflicts_with", id, report);
    let needed: HashSet<String> = depends_on
        .iter()
        .map(|id| id.to_ascii_lowercase())
        .collect();
    for other in &conflicts_with {
        if needed.contains(&other.to_ascii_lowercase()) {
            let message = format!("the add-on depends on {other} and conflicts with it");
            field.add(Rule::Requirement, message, report);
        }
    }
    Requirements {
        blender_version_min,
        unity_version_min,
        depends_on,
        conflicts_with,
    }
}

fn read_ids(fields: &Fields, key: &str, own: Option<&str>, report: &mut Report) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut ids = Vec::new();
    for field in fields.list(key, limits::REQUIRED_ADDONS, report) {
        let Some(id) = field.form(Rule::Id, is_addon_id, ID_FORM, report) else {
            continue;
        };
        if own.is_some_and(|own| own.eq_ignore_ascii_case(&id)) {
            field.add(Rule::Requirement, "the add-on names itself", report);
        }
        if !seen.insert(id.to_ascii_lowercase()) {
            field.add(Rule::Duplicate, "the id is there twice", report);
        }
        ids.push(id);
    }
    ids
}
