//! Reads a parameter: type, limits, options and default.

use std::collections::HashSet;

use vibesync_json::Kind;

use super::fields::{Field, Fields, Report, plain};
use crate::finding::Rule;
use crate::identifier::is_parameter_name;
use crate::limits;
use crate::manifest::Parameter;
use crate::param::{ParameterType, TYPES};
use crate::text::has_hidden;

const KNOWN: [&str; 8] = [
    "name",
    "type",
    "description",
    "required",
    "default",
    "min",
    "max",
    "options",
];

/// Reads a parameter. `seen` holds the names of those before it.
pub(super) fn read_parameter(
    field: &Field,
    seen: &mut HashSet<String>,
    report: &mut Report,
) -> Option<Parameter> {
    let fields = Fields::new(field, &KNOWN, report)?;
    let name = fields.require("name", report).and_then(|field| {
        let wanted = "a name of a parameter: an identifier that is not reserved";
        let name = field.form(Rule::Name, is_parameter_name, wanted, report)?;
        if !seen.insert(name.clone()) {
            field.add(Rule::Duplicate, "another parameter has this name", report);
        }
        Some(name)
    });
    let kind = read_type(&fields, report);
    let description = fields.text("description", limits::DESCRIPTION, report);
    let required = fields.flag("required", false, report);
    let default = fields.get("default");
    if let (Some(field), Some(kind)) = (&default, &kind) {
        check_default(field, kind, required, report);
    }
    Some(Parameter {
        name: name?,
        kind: kind?,
        description: description?,
        required,
        default: default.map(|field| plain(field.json)),
    })
}

fn check_default(field: &Field, kind: &ParameterType, required: bool, report: &mut Report) {
    if let Err(mismatch) = kind.check(&plain(field.json), None, &[]) {
        field.add(Rule::Default, mismatch.message, report);
    } else if required {
        let message = "the parameter is required, so its default is never used";
        field.add(Rule::DefaultUnused, message, report);
    }
}

fn read_type(fields: &Fields, report: &mut Report) -> Option<ParameterType> {
    let field = fields.require("type", report)?;
    let is_type = |text: &str| TYPES.iter().any(|(word, _)| *word == text);
    let wanted = format!(
        "a type; there are {}",
        TYPES.map(|(word, _)| word).join(", ")
    );
    let word = field.form(Rule::ParameterType, is_type, &wanted, report)?;
    if word != "enum" {
        refuse_field(fields, "options", Rule::Options, &word, report);
    }
    if !matches!(word.as_str(), "integer" | "float" | "vector3") {
        refuse_field(fields, "min", Rule::Limits, &word, report);
        refuse_field(fields, "max", Rule::Limits, &word, report);
    }
    Some(match word.as_str() {
        "string" => ParameterType::String,
        "integer" => read_integer(fields, report),
        "float" => {
            let (min, max) = read_range(fields, report);
            ParameterType::Float { min, max }
        }
        "boolean" => ParameterType::Boolean,
        "object_name" => ParameterType::ObjectName,
        "material_name" => ParameterType::MaterialName,
        "collection_name" => ParameterType::CollectionName,
        "enum" => ParameterType::Enum {
            options: read_options(fields, report)?,
        },
        "vector3" => {
            let (min, max) = read_range(fields, report);
            ParameterType::Vector3 { min, max }
        }
        "color" => ParameterType::Color,
        "file_path" => ParameterType::FilePath,
        _ => ParameterType::Dict,
    })
}

fn refuse_field(fields: &Fields, key: &str, rule: Rule, word: &str, report: &mut Report) {
    if let Some(field) = fields.get(key) {
        let message = format!("a parameter of the type {word} has no {key}");
        field.add(rule, message, report);
    }
}

fn read_integer(fields: &Fields, report: &mut Report) -> ParameterType {
    let any = ParameterType::Integer {
        min: None,
        max: None,
    };
    let limit = |key: &str, report: &mut Report| {
        let value = checked_limit(fields, key, &any, report)?;
        value.as_i64()
    };
    let (min, max) = (limit("min", report), limit("max", report));
    refuse_reversed(fields, min, max, report);
    ParameterType::Integer { min, max }
}

fn read_range(fields: &Fields, report: &mut Report) -> (Option<f64>, Option<f64>) {
    let any = ParameterType::Float {
        min: None,
        max: None,
    };
    let limit = |key: &str, report: &mut Report| {
        let value = checked_limit(fields, key, &any, report)?;
        value.as_f64()
    };
    let (min, max) = (limit("min", report), limit("max", report));
    refuse_reversed(fields, min, max, report);
    (min, max)
}

/// Returns a limit as a value of the type that it limits.
fn checked_limit(
    fields: &Fields,
    key: &str,
    kind: &ParameterType,
    report: &mut Report,
) -> Option<serde_json::Value> {
    let field = fields.get(key)?;
    match kind.check(&plain(field.json), None, &[]) {
        Ok(value) => Some(value),
        Err(mismatch) => {
            field.add(Rule::Limits, mismatch.message, report);
            None
        }
    }
}

fn refuse_reversed<T: PartialOrd>(
    fields: &Fields,
    min: Option<T>,
    max: Option<T>,
    report: &mut Report,
) {
    if let (Some(min), Some(max), Some(field)) = (min, max, fields.get("min"))
        && min > max
    {
        field.add(Rule::Limits, "min is above max", report);
    }
}

fn read_options(fields: &Fields, report: &mut Report) -> Option<Vec<String>> {
    let Some(field) = fields.get("options") else {
        let message = "an enum needs options";
        report.add(Rule::Options, fields.position(), &fields.path, message);
        return None;
    };
    if matches!(&field.json.kind, Kind::List(values) if values.is_empty()) {
        field.add(Rule::Options, "an enum needs at least one option", report);
        return None;
    }
    let mut seen = HashSet::new();
    let mut options = Vec::new();
    for entry in field.list(limits::OPTIONS, report) {
        let Some(text) = entry.any_text(report) else {
            continue;
        };
        if text.is_empty() || text.chars().count() > limits::NAME || has_hidden(text) {
            let message = format!("an option has 1 to {} visible characters", limits::NAME);
            entry.add(Rule::Options, message, report);
        } else if !seen.insert(text) {
            entry.add(Rule::Duplicate, "the option is there twice", report);
        } else {
            options.push(text.to_owned());
        }
    }
    (!options.is_empty()).then_some(options)
}
