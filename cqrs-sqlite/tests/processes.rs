//! Several processes on one file: two handles share nothing but the file, as two processes would.

#![allow(clippy::unwrap_used)]

mod common;

use cqrs_core::store::{AppendError, EventAppender, LogReader, ReadLog};
use cqrs_core::stream::{Expected, Position};

use common::{append, open, place, stream};

const WRITERS: usize = 8;
const APPENDS: usize = 40;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_processes_lose_nothing() {
    let (_folder, path) = place();
    let handles = [open(&path).await.events(), open(&path).await.events()];
    let writers = (0..WRITERS).map(|writer| {
        let events = handles[writer % 2].clone();
        let own = format!("own-{writer}");
        tokio::spawn(async move {
            for _ in 0..APPENDS {
                let batch = [
                    append("shared", Expected::Any, 1),
                    append(&own, Expected::Any, 2),
                ];
                for answer in events.append(&batch).await.unwrap() {
                    answer.unwrap();
                }
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }

    let all = ReadLog::between(Position::START, Position::new(u64::MAX), 100_000);
    let events = handles[0].read_log(&all).await.unwrap();
    assert_eq!(events, handles[1].read_log(&all).await.unwrap());
    let positions: Vec<u64> = events.iter().map(|event| event.position.get()).collect();
    let total = (WRITERS * APPENDS * 3) as u64;
    assert_eq!(
        positions,
        (1..=total).collect::<Vec<_>>(),
        "no gap, none twice"
    );
    let shared = events
        .iter()
        .filter(|event| event.stream == stream("shared"));
    let versions: Vec<u64> = shared.map(|event| event.version).collect();
    assert_eq!(
        versions,
        (1..=(WRITERS * APPENDS) as u64).collect::<Vec<_>>()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_two_processes_wins_each_version() {
    let (_folder, path) = place();
    let handles = [open(&path).await.events(), open(&path).await.events()];
    let mut won = [0, 0];
    for version in 0..50 {
        let expected = match version {
            0 => Expected::NoStream,
            _ => Expected::Exact(version),
        };
        let batches = [[append("a", expected, 1)], [append("a", expected, 1)]];
        let (first, second) = tokio::join!(
            handles[0].append(&batches[0]),
            handles[1].append(&batches[1])
        );
        for (index, answer) in [first, second].into_iter().enumerate() {
            match answer.unwrap().remove(0) {
                Ok(_) => won[index] += 1,
                Err(AppendError::Conflict(conflict)) => assert_eq!(conflict.actual, version + 1),
                Err(other) => panic!("{other}"),
            }
        }
    }
    assert_eq!(won[0] + won[1], 50);
}
