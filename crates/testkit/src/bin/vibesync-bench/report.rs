//! Turns samples into lines of JSON: one object a line, in the order of measurement.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

/// Samples of one kind.
#[derive(Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds a sample in microseconds.
    pub fn push_us(&mut self, duration: Duration) {
        self.push(duration.as_secs_f64() * 1e6);
    }

    /// Returns the median.
    pub fn p50(&self) -> f64 {
        self.percentile(50)
    }

    /// Returns the 99th percentile.
    pub fn p99(&self) -> f64 {
        self.percentile(99)
    }

    /// Returns the sample of the nearest rank; NaN without samples.
    fn percentile(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let rank = (sorted.len() * percent).div_ceil(100);
        let found = sorted.get(rank.saturating_sub(1));
        found.copied().unwrap_or(f64::NAN)
    }
}

/// A bar: the highest ratio to the limit, or the highest value if there is no limit.
#[derive(Clone, Copy)]
pub enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

impl Bar {
    fn met(self, number: f64) -> bool {
        match self {
            Bar::AtMost(most) => number <= most,
            Bar::AtLeast(least) => number >= least,
        }
    }

    fn text(self) -> String {
        match self {
            Bar::AtMost(most) => format!("<= {most}"),
            Bar::AtLeast(least) => format!(">= {least}"),
        }
    }
}

/// The rows of one section; each is written as soon as it is known.
pub struct Report {
    section: &'static str,
    out: Box<dyn Write>,
}

impl Report {
    pub fn new(section: &'static str, out: impl Write + 'static) -> Self {
        Self {
            section,
            out: Box::new(out),
        }
    }

    /// Writes a fact that is no number, if it is known.
    pub fn fact(&mut self, name: &str, value: Option<String>) -> io::Result<()> {
        self.row(name, value.into(), None, None, None)
    }

    /// Writes a number without a bar.
    pub fn value(&mut self, name: &str, value: f64, unit: &'static str) -> io::Result<()> {
        self.row(name, number(value), Some(unit), None, None)
    }

    /// Writes median and 99th percentile.
    pub fn samples(&mut self, name: &str, samples: &Samples, unit: &'static str) -> io::Result<()> {
        self.value(&format!("{name}_p50"), samples.p50(), unit)?;
        self.value(&format!("{name}_p99"), samples.p99(), unit)
    }

    /// Writes a number with a bar in its own unit.
    pub fn bound(
        &mut self,
        name: &str,
        value: f64,
        unit: &'static str,
        bar: Bar,
    ) -> io::Result<()> {
        self.row(name, number(value), Some(unit), None, Some(bar))
    }

    /// Writes a number beside that of the machine or a peer, in the same unit; the bar limits their ratio.
    pub fn against(
        &mut self,
        name: &str,
        value: f64,
        limit: f64,
        unit: &'static str,
        bar: Option<Bar>,
    ) -> io::Result<()> {
        self.row(name, number(value), Some(unit), Some(limit), bar)
    }

    fn row(
        &mut self,
        name: &str,
        value: Value,
        unit: Option<&'static str>,
        limit: Option<f64>,
        bar: Option<Bar>,
    ) -> io::Result<()> {
        let ratio = value
            .as_f64()
            .zip(limit)
            .map(|(value, limit)| value / limit);
        let held = ratio.or(value.as_f64());
        let row = json!({
            "section": self.section,
            "name": name,
            "value": value,
            "unit": unit,
            "limit": limit.map(number),
            "ratio": ratio.map(number),
            "bar": bar.map(Bar::text),
            // A value that could not be measured misses its bar.
            "met": bar.map(|bar| held.is_some_and(|held| bar.met(held))),
        });
        writeln!(self.out, "{row}")?;
        self.out.flush()
    }
}

/// Formats four significant digits; null if the value is not finite.
fn number(value: f64) -> Value {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(f64::NAN);
    rounded.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::{SyncSender, sync_channel};

    struct Tell(SyncSender<Vec<u8>>);

    impl Write for Tell {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// The output of a report, parsed.
    fn written(fill: impl FnOnce(&mut Report) -> io::Result<()>) -> Value {
        let (tell, told) = sync_channel(100);
        fill(&mut Report::new("here", Tell(tell))).unwrap();
        let bytes: Vec<u8> = told.into_iter().flatten().collect();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let mut samples = Samples::default();
        (1..=200)
            .rev()
            .for_each(|us| samples.push_us(Duration::from_micros(us)));
        assert_eq!((samples.p50(), samples.p99()), (100.0, 198.0));
    }

    #[test]
    fn a_bar_on_the_ratio_is_met_or_missed() {
        let bar = Some(Bar::AtMost(2.0));
        let row = |value| written(|report| report.against("x", value, 100.0, "µs", bar));
        assert_eq!(row(200.0)["met"], true);
        assert_eq!(row(201.0)["met"], false);
        assert_eq!(row(201.0)["ratio"], 2.01);
        assert_eq!(row(201.0)["bar"], "<= 2");
    }

    #[test]
    fn a_bar_on_the_value_is_met_or_missed() {
        let row = |value| written(|report| report.bound("x", value, "1/s", Bar::AtLeast(5.0)));
        assert_eq!(row(5.0)["met"], true);
        assert_eq!(row(4.9)["met"], false);
        assert_eq!(row(f64::NAN)["met"], false);
        assert_eq!(row(f64::NAN)["value"], Value::Null);
    }
}
