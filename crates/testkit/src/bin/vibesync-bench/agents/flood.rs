//! Agents that call at a steady rate until they are told to end.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use vibesync_testkit::Daemon;

use super::raw::RawAgent;
use crate::harness::Fallible;

/// One call of a client; the number tells the calls of a thread apart. It returns when the answer has come.
pub type Call = Arc<dyn Fn(&mut RawAgent, usize) -> Fallible + Send + Sync>;

/// The size of a flood.
#[derive(Clone, Copy)]
pub struct Size {
    pub clients: usize,
    /// Threads that share the clients.
    pub threads: usize,
    /// Calls a second, of all clients together.
    pub rate: u32,
}

/// Clients that call in threads of their own.
pub struct Flood {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<Result<usize, String>>>,
    begin: Instant,
}

impl Flood {
    /// Connects all clients, and starts the calls.
    pub fn start(daemon: &Daemon, size: Size, call: &Call) -> Fallible<Self> {
        let mut shares = Vec::new();
        for _ in 0..size.threads {
            let clients = (0..size.clients / size.threads).map(|_| RawAgent::connect(daemon));
            shares.push(clients.collect::<Fallible<Vec<_>>>()?);
        }
        let stop = Arc::new(AtomicBool::new(false));
        let interval = Duration::from_secs(1) * u32::try_from(size.threads)? / size.rate;
        let threads = shares.into_iter().map(|clients| {
            let (stop, call) = (Arc::clone(&stop), Arc::clone(call));
            std::thread::spawn(move || run(clients, interval, &call, &stop))
        });
        Ok(Self {
            threads: threads.collect(),
            stop,
            begin: Instant::now(),
        })
    }

    /// Ends all clients. Returns the calls a second that were answered.
    pub fn end(self) -> Fallible<f64> {
        self.stop.store(true, Ordering::Relaxed);
        let mut calls = 0;
        for thread in self.threads {
            calls += thread.join().map_err(|_| "an agent panicked")??;
        }
        Ok(calls as f64 / self.begin.elapsed().as_secs_f64())
    }
}

/// Lets the clients call in turn, one call in each interval. Returns the number of calls.
fn run(
    mut clients: Vec<RawAgent>,
    interval: Duration,
    call: &Call,
    stop: &AtomicBool,
) -> Result<usize, String> {
    let (mut calls, mut next) = (0, Instant::now());
    while !stop.load(Ordering::Relaxed) {
        for client in &mut clients {
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
            // A late call is not made up for.
            next = next.max(Instant::now()) + interval;
            call(client, calls).map_err(|error| error.to_string())?;
            calls += 1;
        }
    }
    Ok(calls)
}
