//! ⑨ Full-text search: what a person typed, and the rows that have it, best first.

use super::highlight::highlight;
use super::read::{row_filters, store, typed};
use super::{Column, Filter, Fragment, FullText, Highlight, QueryError, View};
use crate::projection::Projection;
use crate::view::{Phrase, Row, Value, ViewSchema, ViewSearch};

/// A view with at least one full-text column. It comes with `derive(Projection)`.
#[diagnostic::on_unimplemented(
    message = "the view `{Self}` has no full text, so it cannot be searched",
    label = "no field of `{Self}` has `#[projection(full_text)]`",
    note = "write `#[projection(full_text)]` above each text field of `{Self}` that a search shall look into"
)]
pub trait Searchable: Projection {}

/// A search in a view: what was typed, and filters.
#[derive(Debug)]
#[must_use = "nothing is searched before `best`"]
pub struct Search<P: Projection> {
    view: View<P>,
    text: String,
    filters: Vec<Filter<P>>,
}

/// A row that a search found.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Hit<P> {
    /// The row.
    pub row: P,
    /// What was found in it: the full-text columns that have any of it, in the schema's order.
    pub highlights: Vec<Highlight>,
}

impl<P: Projection> View<P> {
    /// The rows whose full-text columns have what a person typed.
    ///
    /// Any text is valid. All words must be there, in any order and in any of the columns, whatever
    /// their case and accents; `"red mug"` in quotes must stand side by side in one column, `mu*` is
    /// the beginning of a word. Every other sign only parts words. Of more than 64 words the first 64
    /// count; a text without a word finds nothing.
    ///
    /// # Example
    ///
    /// ```
    /// use cqrs::doc::{AccountCommand::*, AccountEvent};
    /// use cqrs::prelude::*;
    ///
    /// #[derive(Projection, Clone)]
    /// #[projection(name = "owners", events(AccountEvent))]
    /// struct Owner {
    ///     account: cqrs::doc::AccountId,
    ///     #[projection(full_text)]
    ///     name: String,
    /// }
    ///
    /// impl Project<AccountEvent> for Owner {
    ///     fn project(event: &Recorded<AccountEvent>, rows: &mut Rows<Self>) {
    ///         if let AccountEvent::Opened { owner } = &event.data {
    ///             rows.upsert(&event.id, |row| row.name = owner.clone());
    ///         }
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let app = App::in_memory().project::<Owner>().await?;
    /// let open = Open { id: "ada".into(), owner: "Ada Lovelace".into() };
    /// let receipt = app.execute(open).await?;
    /// app.wait_for::<Owner>(receipt.position).await?;
    ///
    /// let hits = app.view::<Owner>().search("love* ada").best(20).await?;
    /// let name = &hits[0].highlight(Owner::NAME)[0];
    /// assert_eq!(name.to_html(), "<mark>Ada</mark> <mark>Lovelace</mark>");
    /// # Ok(()) }
    /// ```
    pub fn search(self, text: impl Into<String>) -> Search<P>
    where
        P: Searchable,
    {
        Search {
            view: self,
            text: text.into(),
            filters: Vec::new(),
        }
    }
}

impl<P: Projection> Search<P> {
    /// Only rows that pass this filter as well.
    pub fn filter(mut self, filter: Filter<P>) -> Self {
        self.filters.push(filter);
        self
    }

    /// The `most` rows that fit best, then by key.
    ///
    /// There is no cursor: every row that is written moves the relevance of all others, so pages would
    /// skip rows and show others twice. Whoever wants more asks for more.
    ///
    /// # Errors
    ///
    /// [`QueryError`] when the view is not registered or cannot be read, or a value of a filter does
    /// not fit its column.
    pub async fn best(self, most: usize) -> Result<Vec<Hit<P>>, QueryError> {
        let table = self.view.reader()?;
        let mut search = ViewSearch::best(most, &self.text);
        search.filters = row_filters(self.filters)?;
        if search.phrases.is_empty() {
            return Ok(Vec::new());
        }
        let rows = table.search(&search).await.map_err(store::<P>)?;
        let schema = P::schema();
        let highlights = rows
            .iter()
            .map(|row| highlights(&schema, row, &search.phrases));
        let highlights: Vec<_> = highlights.collect();
        let rows = typed(rows)?.into_iter().zip(highlights);
        Ok(rows
            .map(|(row, highlights)| Hit { row, highlights })
            .collect())
    }
}

impl<P> Hit<P> {
    /// What was found in a column: none where only others have it.
    pub fn highlight<T, C: FullText>(&self, column: Column<P, T, C>) -> &[Fragment] {
        let of_column = |highlight: &&Highlight| highlight.index == column.index;
        let highlight = self.highlights.iter().find(of_column);
        highlight.map_or(&[], |highlight| &highlight.fragments)
    }
}

fn highlights(schema: &ViewSchema, row: &Row, phrases: &[Phrase]) -> Vec<Highlight> {
    let columns = schema
        .full_text
        .iter()
        .filter_map(|index| match &row[*index] {
            Value::Text(text) => Some((*index, text)),
            _ => None,
        });
    let highlights = columns.map(|(index, text)| Highlight {
        column: schema.columns[index].name,
        fragments: highlight(text, phrases),
        index,
    });
    highlights
        .filter(|found| !found.fragments.is_empty())
        .collect()
}
