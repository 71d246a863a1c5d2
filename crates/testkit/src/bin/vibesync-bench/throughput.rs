//! As many changes as are made durable in a second: by the daemon, by SQLite, by Redis. The same disk, the same bytes a
//! change, in turn.

use std::fs;
use std::iter::repeat_n;
use std::time::Duration;

use uuid::Uuid;
use vibesync_scene::Role;

use crate::load::Load;
use crate::peer::{redis::Redis, sqlite::Sqlite};
use crate::process;
use crate::report::{Bar, Report, Samples};
use crate::scene;
use crate::stage::{Fallible, Ground, Receiving, join};

const OBJECTS: usize = 10_000;
const ROUNDS: usize = 3;

/// Large intents and their changes, and intents of one change each: a round.
const LARGE: usize = 200;
const CHANGES: usize = 1_000;
const SMALL: usize = 10_000;

/// What the peers do in a round: one after the other, and without waiting for answers.
const ONE_BY_ONE: usize = 1_000;
const PIPELINED: usize = 10_000;

/// What the daemon may still follow up between two rounds.
const SETTLING: Duration = Duration::from_secs(10);

const ENOUGH: Bar = Bar::AtLeast(100_000.0);
const TENFOLD: Bar = Bar::AtLeast(10.0);

pub fn run(ground: &Ground, report: &mut Report) -> Fallible {
    let folder = ground.folder()?;
    let daemon = ground.daemon(folder.path(), "")?;
    let (mut a, mut b) = (join(&daemon, Role::Blender)?, join(&daemon, Role::Unity)?);
    let uuids = scene::populate(&mut a, &mut b, OBJECTS)?;
    let receiver = Receiving::start(b);
    process::settle(&mut a, daemon.pid(), SETTLING)?;

    let payload = serde_json::to_string(&scene::moved(Uuid::nil(), 1.5))?;
    let mut sqlite = Sqlite::start(folder.path(), &payload);
    let mut redis = Redis::start(folder.path(), &payload);
    let [mut large, mut small]: [Samples; 2] = Default::default();
    let [mut of_sqlite, mut of_redis, mut of_pipe]: [Samples; 3] = Default::default();
    for round in 0..ROUNDS {
        if let Ok(sqlite) = &mut sqlite {
            of_sqlite.push(rate(ONE_BY_ONE, sqlite.insert(ONE_BY_ONE)?));
        }
        if let Ok(redis) = &mut redis {
            of_redis.push(rate(ONE_BY_ONE, redis.add(ONE_BY_ONE)?));
            of_pipe.push(rate(PIPELINED, redis.add_pipelined(PIPELINED)?));
        }
        let mut objects = uuids.iter().cycle().zip(1 + round * 1_000_000..);
        let mut next = |count| {
            let some = objects.by_ref().take(count);
            some.map(|(uuid, x)| scene::moved(*uuid, x as f64))
                .collect()
        };
        let load = Load::new(&a, repeat_n(1, SMALL).map(&mut next))?;
        small.push(rate(SMALL, load.run(&mut a)?));
        process::settle(&mut a, daemon.pid(), SETTLING)?;
        let load = Load::new(&a, repeat_n(CHANGES, LARGE).map(&mut next))?;
        large.push(rate(LARGE * CHANGES, load.run(&mut a)?));
        process::settle(&mut a, daemon.pid(), SETTLING)?;
    }

    let bytes = payload.len() as f64;
    report.value("payload", bytes, "bytes")?;
    match sqlite {
        Ok(_) => report.value("sqlite_one_transaction_each", of_sqlite.p50(), UNIT)?,
        Err(why) => report.fact("sqlite_one_transaction_each", Some(why))?,
    }
    match redis {
        Ok(_) => {
            report.value("redis_one_by_one", of_redis.p50(), UNIT)?;
            report.value("redis_pipelined", of_pipe.p50(), UNIT)?;
        }
        Err(why) => report.fact("redis_one_by_one", Some(why))?,
    }
    report.bound("durable_1000_an_intent", large.p50(), UNIT, ENOUGH)?;
    let slowest = of_sqlite.p50();
    report.against(
        "durable_1000_an_intent_to_sqlite",
        large.p50(),
        slowest,
        UNIT,
        Some(TENFOLD),
    )?;
    report.against(
        "durable_1_an_intent_to_sqlite",
        small.p50(),
        slowest,
        UNIT,
        Some(TENFOLD),
    )?;
    report.against(
        "durable_1_an_intent_to_redis",
        small.p50(),
        of_pipe.p50(),
        UNIT,
        None,
    )?;
    if let Some(peak) = process::peak(daemon.pid()) {
        report.value("peak_memory", peak, "MB")?;
    }
    drop((a, daemon));
    receiver.end()?;
    Ok(fs::remove_dir_all(folder.path())?)
}

const UNIT: &str = "changes/s";

fn rate(count: usize, took: Duration) -> f64 {
    count as f64 / took.as_secs_f64()
}
