//! Measures the changes that become durable in a second: in the daemon, in SQLite and in Redis, in turn, with the
//! same disk and the same bytes a change.

use std::fs;
use std::iter::repeat_n;
use std::time::Duration;

use uuid::Uuid;
use vibesync_scene::{Path, RecordBody, Role};

use crate::harness::{Fallible, Harness, Receiving, join};
use crate::limits;
use crate::load::Load;
use crate::log;
use crate::peer::{redis::Redis, sqlite::Sqlite};
use crate::process;
use crate::report::{Bar, Report, Samples};
use crate::scene;

const OBJECTS: usize = 10_000;
const ROUNDS: usize = 3;

/// A round: large intents with their changes, and intents of one change each.
const LARGE: usize = 200;
const CHANGES: usize = 1_000;
const SMALL: usize = 10_000;

/// Operations of the peers in a round: one after the other, and without waiting for answers.
const ONE_BY_ONE: usize = 1_000;
const PIPELINED: usize = 10_000;

/// Time for the projections to catch up between two rounds.
const SETTLING: Duration = Duration::from_secs(10);

const UNIT: &str = "changes/s";

/// Intents whose records share one fsync of the limit.
const GROUP: usize = 5;

const ENOUGH: Bar = Bar::AtLeast(0.4);
const TENFOLD: Bar = Bar::AtLeast(10.0);
const EIGHTFOLD: Bar = Bar::AtLeast(8.0);

pub fn run(harness: &Harness, report: &mut Report) -> Fallible {
    let folder = harness.folder()?;
    let daemon = harness.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let receiver = Receiving::start(b);
    process::settle(&mut a, daemon.pid(), SETTLING)?;

    let payload = serde_json::to_string(&scene::moved(Uuid::nil(), 1.5))?;
    report.value("payload", payload.len() as f64, "bytes")?;
    let mut peers = Peers {
        sqlite: Sqlite::start(folder.path(), &payload),
        redis: Redis::start(folder.path(), &payload),
    };
    let mut rates = Rates::default();
    for round in 0..ROUNDS {
        peers.measure(&mut rates)?;
        let mut objects = uuids.iter().cycle().zip(1 + round * 1_000_000..);
        let mut next = |count| {
            let some = objects.by_ref().take(count);
            some.map(|(uuid, x)| scene::moved(*uuid, x as f64))
                .collect()
        };
        let load = Load::new(&a, repeat_n(1, SMALL).map(&mut next))?;
        rates.small.push(rate(SMALL, load.run(&mut a)?));
        process::settle(&mut a, daemon.pid(), SETTLING)?;
        let load = Load::new(&a, repeat_n(CHANGES, LARGE).map(&mut next))?;
        rates.large.push(rate(LARGE * CHANGES, load.run(&mut a)?));
        process::settle(&mut a, daemon.pid(), SETTLING)?;
        let groups = groups(&uuids);
        let limit = limits::encode_and_sync(&groups, folder.path())?;
        rates.limit.push(rate(LARGE * CHANGES, limit));
    }
    peers.report(&mut rates, report)?;
    rates.report(report)?;
    if let Some(peak) = process::peak(daemon.pid()) {
        report.value("peak_memory", peak, "MB")?;
    }
    drop((a, daemon));
    receiver.end()?;
    Ok(fs::remove_dir_all(folder.path())?)
}

/// Returns the records of the large intents, in groups that share one fsync.
fn groups(uuids: &[Uuid]) -> Vec<Vec<RecordBody>> {
    let step = |uuid: &Uuid| (scene::moved(*uuid, 2.5), Some(scene::moved_from(*uuid)));
    let intents = uuids.chunks(CHANGES).cycle().take(LARGE);
    let intents = intents.map(|some| log::transaction(1, Path::Fast, some.iter().map(step)));
    let intents: Vec<Vec<RecordBody>> = intents.collect();
    intents.chunks(GROUP).map(<[_]>::concat).collect()
}

/// Changes a second, by program and kind of load.
#[derive(Default)]
struct Rates {
    large: Samples,
    limit: Samples,
    small: Samples,
    sqlite: Samples,
    redis: Samples,
    redis_pipelined: Samples,
}

impl Rates {
    fn report(&mut self, report: &mut Report) -> Fallible {
        let (large, small) = (self.large.p50(), self.small.p50());
        let (sqlite, redis) = (self.sqlite.p50(), self.redis_pipelined.p50());
        let limit = self.limit.p50();
        report.against("durable_1000_an_intent", large, limit, UNIT, Some(ENOUGH))?;
        for (name, value, bar) in [
            ("durable_1000_an_intent_to_sqlite", large, TENFOLD),
            ("durable_1_an_intent_to_sqlite", small, EIGHTFOLD),
        ] {
            report.against(name, value, sqlite, UNIT, Some(bar))?;
        }
        report.against("durable_1_an_intent_to_redis", small, redis, UNIT, None)?;
        Ok(())
    }
}

/// The programs that the daemon is compared with; the reason, where one cannot run here.
struct Peers {
    sqlite: Result<Sqlite, String>,
    redis: Result<Redis, String>,
}

impl Peers {
    fn measure(&mut self, rates: &mut Rates) -> Fallible {
        if let Ok(sqlite) = &mut self.sqlite {
            rates
                .sqlite
                .push(rate(ONE_BY_ONE, sqlite.insert(ONE_BY_ONE)?));
        }
        if let Ok(redis) = &mut self.redis {
            rates.redis.push(rate(ONE_BY_ONE, redis.add(ONE_BY_ONE)?));
            let pipelined = redis.add_pipelined(PIPELINED)?;
            rates.redis_pipelined.push(rate(PIPELINED, pipelined));
        }
        Ok(())
    }

    fn report(&self, rates: &mut Rates, report: &mut Report) -> Fallible {
        match &self.sqlite {
            Ok(_) => report.value("sqlite_one_transaction_each", rates.sqlite.p50(), UNIT)?,
            Err(why) => report.fact("sqlite_one_transaction_each", Some(why.clone()))?,
        }
        match &self.redis {
            Ok(_) => {
                report.value("redis_one_by_one", rates.redis.p50(), UNIT)?;
                report.value("redis_pipelined", rates.redis_pipelined.p50(), UNIT)?;
            }
            Err(why) => report.fact("redis_one_by_one", Some(why.clone()))?,
        }
        Ok(())
    }
}

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
