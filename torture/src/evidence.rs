//! What the children said: which commands were acknowledged and how, and what readers saw.

use std::collections::{BTreeMap, BTreeSet};

use crate::workload::{Answer, Order};

/// Answers of one command, each once: one that was sent again must get its first answer.
pub(crate) type Answers = BTreeMap<Order, BTreeSet<Answer>>;

#[derive(Debug, Default)]
pub(crate) struct Evidence {
    pub(crate) answers: Answers,
    /// What a view showed and could not be.
    pub(crate) faults: Vec<String>,
}

impl Evidence {
    pub(crate) fn acknowledge(&mut self, order: Order, answer: Answer) {
        self.answers.entry(order).or_default().insert(answer);
    }

    /// Where a writer goes on in each of so many streams: after what was acknowledged, or up to `again` before
    /// that, as one whose answers were lost on their way.
    pub(crate) fn continuation(&self, writer: u64, streams: u64, again: u64) -> Vec<u64> {
        let next = |stream| self.last(writer, stream) + 1;
        (0..streams)
            .map(|stream| next(stream).saturating_sub(again).max(1))
            .collect()
    }

    fn last(&self, writer: u64, stream: u64) -> u64 {
        let order = |sequence| Order {
            writer,
            stream,
            sequence,
        };
        let mut orders = self.answers.range(order(0)..=order(u64::MAX));
        orders.next_back().map_or(0, |(order, _)| order.sequence)
    }
}
