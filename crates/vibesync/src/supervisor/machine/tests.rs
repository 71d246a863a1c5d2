use super::*;

const FREE: Lock = Lock::Free;
const OURS: Lock = Lock::Taken { is_ours: true };
const FOREIGN: Lock = Lock::Taken { is_ours: false };

/// A machine and its clock.
struct Bench {
    machine: Machine,
    now: Duration,
}

impl Bench {
    fn new() -> Self {
        let (machine, now) = (Machine::new(), Duration::ZERO);
        Self { machine, now }
    }

    /// Returns a project whose daemon sleeps.
    fn asleep() -> Self {
        let mut bench = Self::new();
        assert_eq!(bench.see(FREE, false), [Action::Listen]);
        bench
    }

    /// Returns a project whose daemon was woken and serves.
    fn serving() -> Self {
        let mut bench = Self::asleep();
        assert_eq!(bench.step(Event::ClientConnected), [Action::Start]);
        assert_eq!(bench.see(OURS, true), [Action::Release]);
        assert_eq!(bench.machine.owner(), Some(Owner::Child));
        bench
    }

    fn step(&mut self, event: Event) -> Vec<Action> {
        self.machine.step(event, self.now)
    }

    fn see(&mut self, lock: Lock, is_announced: bool) -> Vec<Action> {
        self.step(Event::Seen { lock, is_announced })
    }

    fn end(&mut self, message: Option<&str>) -> Vec<Action> {
        let problem = message.map(Problem::uncoded);
        self.step(Event::Ended { problem })
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn name(&self) -> StateName {
        self.machine.name()
    }
}

#[test]
fn first_client_wakes_the_daemon_once() {
    let mut bench = Bench::asleep();
    assert_eq!(bench.step(Event::ClientConnected), [Action::Start]);
    assert_eq!(
        bench.step(Event::ClientConnected),
        [],
        "it is started already"
    );
    assert_eq!(bench.see(FREE, false), [], "the child has no lock yet");
    assert_eq!(bench.see(OURS, false), [], "and then not announced");
    assert_eq!(bench.name(), StateName::Starting);
    assert_eq!(bench.see(OURS, true), [Action::Release]);
    assert_eq!(bench.name(), StateName::Serving);
}

#[test]
fn daemon_that_ends_by_itself_sleeps_again() {
    let mut bench = Bench::serving();
    assert_eq!(bench.see(FREE, false), [], "its end is awaited");
    assert_eq!(bench.end(None), [Action::Listen]);
    assert_eq!(bench.name(), StateName::Asleep);
    assert_eq!(bench.step(Event::ClientConnected), [Action::Start]);
}

#[test]
fn killed_daemon_is_restarted_after_a_pause() {
    let mut bench = Bench::serving();
    for pause in [1, 2, 4] {
        assert_eq!(bench.end(Some("killed")), [Action::Release]);
        assert_eq!(bench.name(), StateName::Failed);
        bench.wait(pause - 1);
        assert_eq!(bench.see(FREE, false), [], "{pause} s");
        bench.wait(1);
        assert_eq!(bench.see(FREE, false), [Action::Listen, Action::Start]);
        assert_eq!(bench.see(OURS, true), [Action::Release]);
        assert!(bench.machine.problem().is_some());
    }
    bench.wait(60);
    assert_eq!(bench.see(OURS, true), []);
    assert_eq!(bench.machine.problem(), None, "it is steady");
    bench.end(Some("killed"));
    bench.wait(1);
    assert_eq!(bench.see(FREE, false), [Action::Listen, Action::Start]);
}

#[test]
fn daemon_that_cannot_start_waits_for_the_next_client() {
    let mut bench = Bench::asleep();
    for failures in 1..12 {
        assert_eq!(bench.step(Event::ClientConnected), [Action::Start]);
        assert_eq!(bench.end(Some("VS-5001")), [Action::Release]);
        let longest = pause(failures).as_secs();
        bench.wait(longest - 1);
        assert_eq!(bench.see(FREE, false), []);
        bench.wait(1);
        assert_eq!(bench.see(FREE, false), [Action::Listen], "and no start");
        let problem = bench.machine.problem().unwrap();
        assert_eq!(problem.message, "VS-5001", "it is kept");
    }
    assert_eq!(pause(11), Duration::from_secs(300));
}

#[test]
fn running_daemon_is_adopted_or_left_alone() {
    for (lock, owner) in [(OURS, Owner::Adopted), (FOREIGN, Owner::Foreign)] {
        let mut bench = Bench::new();
        assert_eq!(bench.see(lock, false), [], "it starts");
        assert_eq!(bench.step(Event::ClientConnected), [], "no second daemon");
        assert_eq!(bench.see(lock, true), [Action::Release]);
        assert_eq!(bench.machine.owner(), Some(owner));
        let slept = bench.see(FREE, false);
        assert_eq!(slept, [Action::Release, Action::Listen]);
        let stop = |bench: &mut Bench| bench.step(Event::Retire);
        let mut running = Bench::new();
        running.see(lock, true);
        match owner {
            Owner::Foreign => {
                assert_eq!(stop(&mut running), [Action::Release]);
                assert!(running.machine.is_done());
            }
            _ => {
                assert_eq!(stop(&mut running), [Action::Stop]);
                assert_eq!(running.see(lock, true), []);
                assert_eq!(running.see(FREE, false), [Action::Release]);
                assert!(running.machine.is_done());
            }
        }
    }
}

#[test]
fn daemon_started_by_hand_takes_the_place_of_the_sleeper() {
    let mut bench = Bench::asleep();
    assert_eq!(bench.see(FOREIGN, false), [], "clients are held meanwhile");
    assert_eq!(bench.step(Event::ClientConnected), []);
    assert_eq!(bench.see(FOREIGN, true), [Action::Release]);
    assert_eq!(bench.name(), StateName::Serving);
    // It ends without ever having announced itself, as `vibesync recover` does.
    let mut bench = Bench::asleep();
    bench.see(FOREIGN, false);
    assert_eq!(bench.see(FREE, false), [Action::Release, Action::Listen]);
}

#[test]
fn recovery_by_hand_ends_the_pause() {
    let mut bench = Bench::asleep();
    for _ in 0..10 {
        bench.step(Event::ClientConnected);
        bench.end(Some("VS-5001"));
        bench.wait(300);
        bench.see(FREE, false);
    }
    bench.step(Event::ClientConnected);
    bench.end(Some("VS-5001"));
    bench.see(FOREIGN, false);
    assert_eq!(bench.see(FREE, false), [Action::Release, Action::Listen]);
}

#[test]
fn stop_waits_for_the_daemon_but_not_for_ever() {
    let mut bench = Bench::serving();
    assert_eq!(bench.step(Event::Retire), [Action::Stop]);
    assert_eq!(bench.step(Event::Retire), []);
    bench.wait(5);
    assert_eq!(bench.see(OURS, true), [], "it is asked once");
    assert_eq!(
        bench.see(FREE, false),
        [],
        "the end of the child is awaited"
    );
    assert_eq!(bench.end(None), [Action::Release]);
    assert!(bench.machine.is_done());
    let mut bench = Bench::serving();
    bench.step(Event::Retire);
    bench.wait(15);
    assert_eq!(bench.see(OURS, true), [Action::Release]);
    assert!(bench.machine.is_done());
}

#[test]
fn daemon_that_starts_is_stopped_when_it_can_hear() {
    let mut bench = Bench::asleep();
    bench.step(Event::ClientConnected);
    assert_eq!(bench.step(Event::Retire), []);
    assert_eq!(bench.see(OURS, false), []);
    assert_eq!(bench.see(OURS, true), [Action::Stop]);
    assert_eq!(bench.see(OURS, true), []);
    assert_eq!(bench.end(Some("killed")), [Action::Release]);
    assert!(bench.machine.is_done());
}

#[test]
fn sleeping_project_is_released_at_once() {
    let mut bench = Bench::asleep();
    assert_eq!(bench.step(Event::Retire), [Action::Release]);
    assert!(bench.machine.is_done());
    assert_eq!(bench.see(FREE, false), [], "and nothing follows");
    assert_eq!(bench.step(Event::ClientConnected), []);
}

#[test]
fn missing_folder_is_served_when_it_returns() {
    let mut bench = Bench::new();
    assert_eq!(bench.step(Event::Absent), [Action::Release]);
    assert_eq!(bench.step(Event::Absent), []);
    assert_eq!(bench.name(), StateName::MissingFolder);
    assert_eq!(bench.see(FREE, false), [Action::Listen]);
    assert_eq!(bench.step(Event::Absent), [Action::Release]);
    assert_eq!(bench.see(FREE, false), [Action::Listen]);
}

#[test]
fn project_that_cannot_be_announced_is_tried_again() {
    let mut bench = Bench::asleep();
    let unable = Event::Unable(Problem::uncoded("VS-6001"));
    assert_eq!(bench.step(unable), [Action::Release]);
    assert_eq!(bench.name(), StateName::Failed);
    bench.wait(1);
    assert_eq!(bench.see(FREE, false), [Action::Listen]);
}
