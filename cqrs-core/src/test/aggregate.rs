//! Given events, when a command, then events, a rejection or a state.

use std::fmt::Debug;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::difference::assert_same;
use crate::aggregate::Aggregate;
use crate::command::{Command, Existence};
use crate::event::Event;
use crate::handler::Context;

/// Begins a test of an aggregate with the events that happened before.
///
/// # Example
///
/// ```
/// # use cqrs::doc::{Account, AccountCommand::*, AccountEvent::*};
/// use cqrs::test::given;
///
/// let opened = || Opened { owner: "Ada".into() };
///
/// given::<Account>([opened(), Deposited { amount: 5 }])
///     .when(Withdraw { id: "ada".into(), amount: 3 })
///     .then([Withdrawn { amount: 3 }]);
///
/// given::<Account>([opened()])
///     .when(Withdraw { id: "ada".into(), amount: 3 })
///     .then_rejected("cannot withdraw 3 cents from a balance of 0");
/// ```
pub fn given<A: Aggregate>(events: impl IntoIterator<Item = A::Event>) -> Given<A> {
    let mut state = A::initial();
    let mut version = 0;
    for event in events {
        state.fold(event);
        version += 1;
    }
    let context = Context {
        version,
        ..Context::default()
    };
    Given {
        state,
        version,
        context,
    }
}

/// An aggregate with a history.
#[derive(Debug)]
#[must_use = "a scenario checks nothing before `then`"]
pub struct Given<A> {
    state: A,
    version: u64,
    context: Context,
}

/// What came of the command.
pub struct Outcome<A: Aggregate> {
    state: A,
    answer: Answer<A>,
}

enum Answer<A: Aggregate> {
    Events(Vec<A::Event>),
    Rejected(A::Rejection),
    AlreadyExists,
    NotFound,
}

impl<A: Aggregate> Given<A> {
    /// Time, ids and metadata that the decision sees: the epoch and nil ids unless said otherwise.
    pub fn context(mut self, context: Context) -> Self {
        self.context = context;
        self.context.version = self.version;
        self
    }

    /// The time that the decision sees.
    pub fn at(mut self, now: DateTime<Utc>) -> Self {
        self.context.now = now;
        self
    }

    /// The command id that the decision sees, from which [`Context::new_id`] draws.
    pub fn with_id(mut self, command_id: Uuid) -> Self {
        self.context.command_id = command_id;
        self
    }

    /// Decides on a command.
    #[must_use = "a scenario checks nothing before `then`"]
    pub fn when<C>(self, command: C) -> Outcome<A>
    where
        C: Command<Aggregate = A>,
    {
        let answer = match (command.existence(), self.version) {
            (Existence::Creates, 1..) => Answer::AlreadyExists,
            (Existence::Exists, 0) => Answer::NotFound,
            _ => match command.decide(&self.state, &self.context) {
                Ok(events) => Answer::Events(events),
                Err(rejection) => Answer::Rejected(rejection),
            },
        };
        Outcome {
            state: self.state,
            answer,
        }
    }

    /// The state that the history leads to.
    #[track_caller]
    pub fn then_state(self, expected: A)
    where
        A: Debug,
    {
        assert_same(
            "states",
            &format!("{expected:#?}"),
            &format!("{:#?}", self.state),
        );
    }
}

impl<A: Aggregate> Outcome<A> {
    /// These events happen, and no others.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = A::Event>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        assert_same("events", &lines(&expected), &self.answer.text());
        self
    }

    /// Nothing happens, and that is fine.
    #[track_caller]
    pub fn then_nothing(self) -> Self {
        self.then([])
    }

    /// The domain says no, with this text.
    #[track_caller]
    pub fn then_rejected(self, text: &str) -> Self {
        assert_same(
            "answers",
            &format!("rejected: {text}\n"),
            &self.answer.text(),
        );
        self
    }

    /// The framework answers that the aggregate exists already.
    #[track_caller]
    pub fn then_already_exists(self) {
        assert_same("answers", "already exists\n", &self.answer.text());
    }

    /// The framework answers that the aggregate does not exist.
    #[track_caller]
    pub fn then_not_found(self) {
        assert_same("answers", "not found\n", &self.answer.text());
    }

    /// The state after the events that were decided on.
    #[track_caller]
    pub fn then_state(mut self, expected: A)
    where
        A: Debug,
    {
        if let Answer::Events(events) = self.answer {
            events.into_iter().for_each(|event| self.state.fold(event));
        }
        assert_same(
            "states",
            &format!("{expected:#?}"),
            &format!("{:#?}", self.state),
        );
    }
}

impl<A: Aggregate> std::fmt::Debug for Outcome<A> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Outcome({:?})", self.answer.text())
    }
}

impl<A: Aggregate> Answer<A> {
    fn text(&self) -> String {
        match self {
            Answer::Events(events) => lines(events),
            Answer::Rejected(rejection) => format!("rejected: {rejection}\n"),
            Answer::AlreadyExists => "already exists\n".to_owned(),
            Answer::NotFound => "not found\n".to_owned(),
        }
    }
}

/// Events as they would be stored, so that they need neither `Debug` nor `PartialEq`.
fn lines<E: Event>(events: &[E]) -> String {
    let line = |event: &E| {
        let payload = event.encode().unwrap_or_else(|error| error.to_string());
        format!("{} {payload}\n", event.event_type().name)
    };
    events.iter().map(line).collect()
}
