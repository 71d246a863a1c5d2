//! Runs the simulator: `vibesync-sim --seeds N [--from SEED]`, or `--seed S [--trace]` to repeat one run. With `--agents`,
//! agents do everything that they can.
//!
//! Exits with 1 and prints the trace of the first seed that breaks an invariant.

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use vibesync_testkit::simulator::counts::Counts;
use vibesync_testkit::simulator::plan::Plan;
use vibesync_testkit::simulator::{run, shrink, tell};

/// Time between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);

/// The command line.
struct Asked {
    from: u64,
    seeds: u64,
    trace: bool,
    agents: bool,
}

fn main() -> ExitCode {
    let asked = match parse(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(why) => {
            let _ = writeln!(
                io::stderr(),
                "{why}\nusage: vibesync-sim --seeds N [--from SEED] [--agents] | --seed SEED [--trace] [--agents]"
            );
            return ExitCode::from(2);
        }
    };
    match simulate(&asked, &mut io::stdout()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Asked, String> {
    let mut asked = Asked {
        from: 1,
        seeds: 0,
        trace: false,
        agents: false,
    };
    while let Some(word) = words.next() {
        if word == "--trace" {
            asked.trace = true;
            continue;
        }
        if word == "--agents" {
            asked.agents = true;
            continue;
        }
        let value = words.next().and_then(|value| value.parse().ok());
        let value = value.ok_or_else(|| format!("{word} wants a number"))?;
        match word.as_str() {
            "--seeds" => asked.seeds = value,
            "--from" => asked.from = value,
            "--seed" => (asked.from, asked.seeds) = (value, 1),
            _ => return Err(format!("{word} is not known")),
        }
    }
    match asked.seeds {
        0 => Err("how many seeds?".to_owned()),
        _ => Ok(asked),
    }
}

/// Runs all seeds; returns true if every one holds.
fn simulate(asked: &Asked, out: &mut impl Write) -> io::Result<bool> {
    let begin = Instant::now();
    let mut told = begin;
    let mut counts = Counts::default();
    for seed in asked.from..asked.from.saturating_add(asked.seeds) {
        let plan = match asked.agents {
            true => Plan::of_agents(seed),
            false => Plan::of(seed),
        };
        let outcome = match asked.trace {
            true => tell(&plan),
            false => run(&plan),
        };
        write!(out, "{}", outcome.story)?;
        counts.merge(&outcome.counts);
        counts.one("seeds");
        if outcome.violation.is_some() {
            explain(&plan, asked.agents, out)?;
            return Ok(false);
        }
        if told.elapsed() >= PROGRESS {
            told = Instant::now();
            writeln!(out, "{} seeds, now at {seed}", counts.of("seeds"))?;
            out.flush()?;
        }
    }
    let seconds = begin.elapsed().as_secs_f64();
    let a_minute = counts.of("seeds") as f64 * 60.0 / seconds;
    writeln!(
        out,
        "every seed holds; {seconds:.1} s, {a_minute:.0} seeds a minute\n{counts}"
    )?;
    Ok(true)
}

/// Returns the trace of a failing seed, with as few events as possible.
fn explain(plan: &Plan, agents: bool, out: &mut impl Write) -> io::Result<()> {
    let small = shrink(plan);
    let outcome = tell(&small);
    let (all, left) = (plan.events.len(), small.events.len());
    writeln!(
        out,
        "seed {} breaks an invariant; {left} of its {all} events do:",
        plan.seed
    )?;
    writeln!(
        out,
        "{:?}, {:?}, segments of {} bytes",
        plan.options, plan.tear, plan.segment_bytes
    )?;
    write!(out, "{}", outcome.story)?;
    let agents = if agents { " --agents" } else { "" };
    writeln!(
        out,
        "again: scripts/sim --seed {}{agents} --trace",
        plan.seed
    )
}
