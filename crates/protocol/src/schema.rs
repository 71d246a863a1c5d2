//! Generates the JSON Schema of all messages, which is kept in `docs/schema/protocol.schema.json`.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::client_message::ClientMessage;
use crate::daemon_message::DaemonMessage;

/// Returns the schema: client and daemon messages as two alternatives, with shared `$defs`.
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
