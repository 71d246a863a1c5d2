//! JSON Schema of every message, generated from the types, kept in `docs/schema/protocol.schema.json`.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::message::{ClientMessage, DaemonMessage};

/// The schema: `$defs` shared, `client` and `daemon` messages as two alternatives.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let client = generator.subschema_for::<ClientMessage>();
    let daemon = generator.subschema_for::<DaemonMessage>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "VibeSync wire protocol, version 1: message headers (without `attachments`)",
        "anyOf": [client, daemon],
        "$defs": generator.take_definitions(true),
    })
}
