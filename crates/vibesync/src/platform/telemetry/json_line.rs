//! Formats an event as one flat JSON object, with all fields that join it with the transaction log.
//!
//! `tracing_subscriber::fmt().json()` cannot do this. It writes only the fields that an event has, while a line here has
//! `process_id`, `schema_version` and a null for each missing field of [`JOINED`]. Fields of a span would be nested under
//! `span`, so a span cannot add them. The `json` feature would also add two dependencies.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;
use vibesync_scene::SCHEMA_VERSION;

/// Fields that every line has; null if the event does not set them.
const JOINED: [&str; 6] = [
    "session_id",
    "operation_id",
    "uuids",
    "phase",
    "outcome",
    "error_code",
];

/// Formats events as JSON lines.
#[derive(Debug)]
pub(super) struct JsonLine;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut timestamp = String::new();
        SystemTime.format_time(&mut Writer::new(&mut timestamp))?;
        let line = line(timestamp, event).map_err(|_| fmt::Error)?;
        writeln!(writer, "{line}")
    }
}

/// One line. The order of the fields is for people.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: String,
    level: &'a str,
    message: Value,
    #[serde(flatten)]
    fields: Map<String, Value>,
    target: &'a str,
    process_id: u32,
    schema_version: u32,
}

fn line(timestamp: String, event: &Event<'_>) -> serde_json::Result<String> {
    let mut fields = Fields(Map::new());
    fields
        .0
        .extend(JOINED.map(|name| (name.to_owned(), Value::Null)));
    event.record(&mut fields);
    let mut fields = fields.0;
    serde_json::to_string(&Line {
        timestamp,
        level: event.metadata().level().as_str(),
        message: fields.remove("message").unwrap_or_default(),
        fields,
        target: event.metadata().target(),
        process_id: std::process::id(),
        schema_version: SCHEMA_VERSION,
    })
}

/// Collects the fields of an event.
struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name().to_owned(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::layer::SubscriberExt;

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn line_has_the_fields_that_join_it_with_the_log() {
        let sink = Sink::default();
        let writer = sink.clone();
        let layer = tracing_subscriber::fmt::layer()
            .event_format(JsonLine)
            .with_writer(move || writer.clone());
        tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
            tracing::warn!(operation_id = %"42", seq = 7, message = "a \"quoted\"\nline");
        });
        let text = String::from_utf8(sink.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "one line: {text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        for name in JOINED
            .iter()
            .chain(&["timestamp", "process_id", "schema_version"])
        {
            assert!(line.get(name).is_some(), "{name} in {text}");
        }
        assert_eq!(line["operation_id"], "42");
        assert_eq!(line["seq"], 7);
        assert_eq!(line["message"], "a \"quoted\"\nline");
        assert_eq!(line["uuids"], Value::Null);
    }
}
