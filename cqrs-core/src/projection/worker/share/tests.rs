//! Many nodes on one view, step by step, on a clock that the test moves.

use chrono::{DateTime, TimeDelta};

use super::*;
use crate::view::Lease;

const LEASE: Duration = Duration::from_secs(4);
const STEP: Duration = Duration::from_millis(200);

struct Node {
    sharing: Sharing,
    id: Uuid,
    mood: Mood,
    able: Vec<bool>,
    stands_by_until: u32,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Mood {
    Well,
    /// It says that it stands by, and takes nothing.
    Idle,
    /// Dead, or stopped by its machine.
    Silent,
}

/// The view's store, and its nodes.
struct View {
    begin: Instant,
    step: u32,
    random: u64,
    leases: Vec<Option<(Uuid, u32)>>,
    nodes: Vec<Node>,
    /// How often each partition has changed hands.
    moves: Vec<usize>,
    /// For how many steps each has been without a worker, at the most.
    pauses: Vec<u32>,
    waiting: Vec<u32>,
    last: Vec<Option<Uuid>>,
    /// How many leases were given back.
    given: usize,
}

fn steps(time: Duration) -> u32 {
    u32::try_from(time.as_millis() / STEP.as_millis()).unwrap()
}

impl View {
    fn new(partitions: usize, random: u64) -> Self {
        Self {
            begin: Instant::now(),
            step: 0,
            random,
            leases: vec![None; partitions],
            nodes: Vec::new(),
            moves: vec![0; partitions],
            pauses: vec![0; partitions],
            waiting: vec![0; partitions],
            last: vec![None; partitions],
            given: 0,
        }
    }

    fn random(&mut self, below: usize) -> usize {
        self.random = self
            .random
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(1);
        usize::try_from(self.random >> 33).unwrap() % below
    }

    fn join(&mut self, mood: Mood) -> usize {
        let id = Uuid::from_u128((self.random(1 << 20) as u128) << 32 | self.nodes.len() as u128);
        let partitions = self.leases.len();
        self.nodes.push(Node {
            sharing: Sharing::new(id, LEASE, partitions),
            id,
            mood,
            able: vec![true; partitions],
            stands_by_until: 0,
        });
        self.nodes.len() - 1
    }

    /// It gives back what it has.
    fn leave(&mut self, node: usize) {
        let id = self.nodes[node].id;
        for lease in &mut self.leases {
            *lease = lease.filter(|(holder, _)| *holder != id);
        }
        self.nodes[node].mood = Mood::Silent;
        self.nodes[node].stands_by_until = 0;
    }

    fn seen(&self) -> Leases {
        let leases = self.leases.iter().map(|lease| {
            let (holder, until) = (*lease)?;
            let until = DateTime::UNIX_EPOCH + TimeDelta::milliseconds(i64::from(until));
            Some(Lease { holder, until })
        });
        let standing = self
            .nodes
            .iter()
            .filter(|node| node.stands_by_until > self.step);
        Leases::new(leases.collect(), standing.map(|node| node.id).collect())
    }

    fn look(&mut self, node: usize) {
        let id = self.nodes[node].id;
        if self.nodes[node].mood == Mood::Silent {
            return;
        }
        let until = self.step + steps(LEASE);
        let mut holds = false;
        for lease in self.leases.iter_mut().flatten() {
            if lease.0 == id {
                (lease.1, holds) = (until, true);
            }
        }
        if !holds {
            self.nodes[node].stands_by_until = until;
        }
        let (leases, now) = (self.seen(), self.begin + STEP * self.step);
        let node = &mut self.nodes[node];
        let turns = node.sharing.turns(&leases, &node.able, now);
        if node.mood == Mood::Idle {
            return;
        }
        for (lease, turn) in self.leases.iter_mut().zip(turns) {
            match (turn, *lease) {
                (Turn::Feed, None) => *lease = Some((id, until)),
                (Turn::GiveBack, Some((holder, _))) if holder == id => {
                    *lease = None;
                    self.given += 1;
                }
                _ => {}
            }
        }
    }

    /// A while, in which each node looks once in each step, in any order.
    fn run(&mut self, time: Duration) {
        for _ in 0..steps(time) {
            self.step += 1;
            for lease in &mut self.leases {
                *lease = lease.filter(|(_, until)| *until > self.step);
            }
            let first = self.random(self.nodes.len());
            for node in 0..self.nodes.len() {
                self.look((first + node) % self.nodes.len());
            }
            self.count();
        }
    }

    fn count(&mut self) {
        for (index, lease) in self.leases.iter().enumerate() {
            match lease {
                Some((holder, _)) => {
                    if self.last[index] != Some(*holder) {
                        self.moves[index] += 1;
                    }
                    self.last[index] = Some(*holder);
                    self.waiting[index] = 0;
                }
                None => {
                    self.waiting[index] += 1;
                    self.pauses[index] = self.waiting[index].max(self.pauses[index]);
                }
            }
        }
    }

    /// How many partitions each living node has.
    fn held(&self) -> Vec<usize> {
        let living = self.nodes.iter().filter(|node| node.mood == Mood::Well);
        living.map(|node| self.held_by(node.id)).collect()
    }

    fn held_by(&self, id: Uuid) -> usize {
        let held = self.leases.iter().flatten();
        held.filter(|(holder, _)| *holder == id).count()
    }

    fn moved(&self) -> usize {
        self.moves.iter().sum()
    }

    fn assert_even(&self, what: &str) {
        let held = self.held();
        let (least, most) = (held.iter().min().unwrap(), held.iter().max().unwrap());
        assert!(most - least <= 1, "{what}: {held:?}");
        assert_eq!(
            held.iter().sum::<usize>(),
            self.leases.len(),
            "{what}: {held:?}"
        );
    }
}

#[test]
fn nodes_that_come_get_their_share_and_nothing_else_moves() {
    for partitions in [1, 2, 3, 8, 13, 64] {
        let mut view = View::new(partitions, partitions as u64);
        for nodes in 1..=6 {
            let before = view.moved();
            view.join(Mood::Well);
            view.run(Duration::from_secs(2));
            let what = format!("{nodes} nodes, {partitions} partitions");
            view.assert_even(&what);
            let moved = view.moved() - before;
            let share = partitions.div_ceil(nodes);
            assert!(moved <= share + 1, "{what}: {moved} have moved");
            let quiet = view.moved();
            view.run(LEASE * 4);
            assert_eq!(view.moved(), quiet, "{what}: nothing has happened");
        }
    }
}

#[test]
fn what_a_node_gives_back_at_its_end_is_taken_at_once() {
    let mut view = View::new(8, 1);
    for _ in 0..3 {
        view.join(Mood::Well);
    }
    view.run(Duration::from_secs(2));
    let before = view.moved();
    let had = view.held_by(view.nodes[1].id);
    view.pauses = vec![0; 8];
    view.leave(1);
    view.run(STEP * 3);
    view.assert_even("two are left");
    assert_eq!(view.moved() - before, had);
    assert!(
        view.pauses.iter().all(|pause| *pause <= 2),
        "{:?}",
        view.pauses
    );
}

#[test]
fn what_a_dead_node_held_is_taken_when_its_leases_run_out() {
    for nodes in 2..=4 {
        let mut view = View::new(8, nodes);
        for _ in 0..nodes {
            view.join(Mood::Well);
        }
        view.run(LEASE);
        view.nodes[1].mood = Mood::Silent;
        view.run(LEASE + STEP * 2);
        view.assert_even("one is dead");
    }
}

#[test]
fn what_a_node_does_not_take_goes_to_the_others_and_stays_there() {
    let mut view = View::new(8, 5);
    view.join(Mood::Well);
    view.run(Duration::from_secs(1));
    view.join(Mood::Idle);
    view.run(LEASE * 100);
    assert!(view.leases.iter().all(Option::is_some));
    let pauses = view.pauses.iter().max().unwrap();
    assert!(*pauses <= steps(LEASE / 2) + 2, "{pauses} steps");
    assert_eq!(view.moves, vec![1; 8], "it goes back to who gave it");
    // It is tried again when a node may have become well, and not all the time.
    let given = view.given;
    assert!((8..=100).contains(&given), "{given} were given back");
}

#[test]
fn a_node_whose_workers_have_stopped_has_less() {
    let mut view = View::new(8, 6);
    let (ill, well) = (view.join(Mood::Well), view.join(Mood::Well));
    view.nodes[ill].able = (0..8).map(|index| index < 2).collect();
    view.run(LEASE * 30);
    assert_eq!(view.leases.iter().flatten().count(), 8);
    assert!(view.held_by(view.nodes[well].id) >= 6);
    let before = view.moved();
    view.run(LEASE * 100);
    let moved = view.moved() - before;
    assert!(moved <= 60, "{moved} have moved");
}

#[test]
fn whatever_happens_it_comes_to_rest_evenly() {
    for seed in 1..100 {
        let mut view = View::new(1 + seed as usize % 12, seed);
        view.join(Mood::Well);
        for _ in 0..20 {
            let node = view.random(view.nodes.len());
            match view.random(4) {
                0 if view.nodes.len() < 6 => {
                    view.join(Mood::Well);
                }
                1 if node > 0 => view.leave(node),
                2 if node > 0 => view.nodes[node].mood = Mood::Silent,
                _ => view.nodes[node].mood = Mood::Well,
            }
            let time = STEP * u32::try_from(1 + view.random(60)).unwrap();
            view.run(time);
        }
        view.run(LEASE * 15);
        view.assert_even(&format!("seed {seed}"));
        let quiet = view.moved();
        view.run(LEASE * 12);
        assert_eq!(view.moved(), quiet, "seed {seed}: nothing has happened");
    }
}

/// What it did not take goes back, and nothing more is given to it before its word runs out.
#[test]
fn a_node_that_falls_silent_as_it_comes_costs_one_try() {
    let mut view = View::new(8, 7);
    view.join(Mood::Well);
    view.run(Duration::from_secs(1));
    let silent = view.join(Mood::Idle);
    view.run(STEP);
    view.nodes[silent].mood = Mood::Silent;
    view.run(LEASE * 4);
    assert_eq!(view.given, 4);
    assert!(view.leases.iter().all(Option::is_some));
}

#[test]
fn nodes_that_see_the_same_go_for_different_partitions() {
    let ids = [1, 2, 3].map(Uuid::from_u128);
    let leases = Leases::new(vec![None; 8], ids.to_vec());
    let mut fed = [0; 8];
    for id in ids {
        let mut sharing = Sharing::new(id, LEASE, 8);
        let turns = sharing.turns(&leases, &[true; 8], Instant::now());
        for (fed, turn) in fed.iter_mut().zip(turns) {
            *fed += u32::from(turn == Turn::Feed);
        }
    }
    assert_eq!(fed, [1; 8]);
}
