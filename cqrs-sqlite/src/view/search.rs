//! ⑧ Full-text search in a view: its words in an FTS5 table beside the view's.
//!
//! The words come from the core, so the tokenizer has nothing to decide: between spaces it takes
//! everything as it is. A row of the FTS5 table has the number of the view's row, its document.

use cqrs_core::store::StoreError;
use cqrs_core::view::{ColumnError, Phrase, Row, Value, ViewSearch, words};
use sqlx::{AssertSqlSafe, query};

use super::SqliteView;
use super::cell::Cell;
use super::clause::Clause;
use super::table::{Table, quoted, select_list, sql_type, values};

const OPERATION: &str = "search view";

impl SqliteView {
    pub(super) async fn best_rows(&self, search: &ViewSearch) -> Result<Vec<Row>, StoreError> {
        if search.phrases.is_empty() || !self.table.is_searched() {
            return Ok(Vec::new());
        }
        let place = self.database.place(OPERATION);
        let clause = self.search_clause(search);
        let clause = clause.map_err(|error| place.failed(error))?;
        let statement = query(AssertSqlSafe(clause.text.clone()));
        let limit = i64::try_from(search.limit).unwrap_or(i64::MAX);
        let statement = statement.bind(limit).bind(expression(&search.phrases));
        let rows = self
            .database
            .read(OPERATION, clause.bind(statement))
            .await?;
        self.table
            .unpacked(&rows)
            .map_err(|error| place.error(error))
    }

    fn search_clause(&self, search: &ViewSearch) -> Result<Clause<'_>, ColumnError> {
        let mut clause = Clause::new(&self.table, self.table.select_hits(), 2);
        clause.filters(&search.filters)?;
        clause.push(" ORDER BY \"hit.rank\", ");
        clause.push(self.table.key());
        // The plus keeps SQLite from planning anew for every limit that is bound.
        clause.push(" LIMIT +?1");
        Ok(clause)
    }
}

/// The phrases as FTS5 reads them. Words are letters and digits, so nothing in them can be syntax.
fn expression(phrases: &[Phrase]) -> String {
    let phrase = |phrase: &Phrase| {
        let star = if phrase.prefix { " *" } else { "" };
        format!("\"{}\"{star}", phrase.words.join(" "))
    };
    let phrases: Vec<String> = phrases.iter().map(phrase).collect();
    phrases.join(" AND ")
}

impl Table {
    pub(super) fn is_searched(&self) -> bool {
        !self.schema.full_text.is_empty()
    }

    /// The column that numbers the documents. An integer key does so itself; otherwise it is a column
    /// of our own, since SQLite may number rows anew that have no such column. A dot is in no field's
    /// name.
    pub(super) fn document(&self) -> &str {
        match sql_type(self.schema.key_column().kind) {
            "INTEGER" => self.key(),
            _ => "\"search.document\"",
        }
    }

    pub(super) fn search_name(&self) -> String {
        quoted(&format!("{}_search", self.name))
    }

    /// Named apart from the fields: FTS5 has columns `rank` and `rowid` of its own.
    fn search_columns(&self) -> String {
        let columns = self.schema.full_text.iter();
        let columns =
            columns.map(|column| quoted(&format!("{}.words", self.schema.columns[*column].name)));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// It is made with the view's table and dropped with it.
    pub(super) fn create_search(&self) -> String {
        let (search, columns) = (self.search_name(), self.search_columns());
        format!("CREATE VIRTUAL TABLE {search} USING fts5({columns}, tokenize = 'ascii')")
    }

    /// By row: its key, then the words of each full-text column.
    pub(super) fn words(&self, rows: &[Row]) -> Result<Vec<Vec<Cell>>, ColumnError> {
        let key = self.schema.key;
        let words = |row: &Row| {
            let key = row.get(key).cloned().unwrap_or(Value::Null);
            let texts = self.schema.full_text.iter().map(|column| row.get(*column));
            let key = Cell::new(self.schema.key_column(), key)?;
            Ok(std::iter::once(key).chain(texts.map(words_of)).collect())
        };
        let rows = rows.iter().map(words);
        let mut rows: Vec<Vec<Cell>> = rows.collect::<Result<_, _>>()?;
        rows.sort_unstable_by(|left, right| left[0].compare(&right[0]));
        Ok(rows)
    }

    /// Adds the words of new rows. FTS5 writes what it has gathered whenever a document comes before
    /// the last one, so they come in order.
    pub(super) fn insert_words(&self, rows: usize) -> String {
        self.write_words("INSERT", rows)
    }

    /// Writes the words of changed rows in place of the ones before.
    pub(super) fn replace_words(&self, rows: usize) -> String {
        self.write_words("INSERT OR REPLACE", rows)
    }

    fn write_words(&self, verb: &str, rows: usize) -> String {
        let (search, columns) = (self.search_name(), self.search_columns());
        let (table, key, document) = (quoted(&self.name), self.key(), self.document());
        let count = self.schema.full_text.len();
        let values = values(rows, count + 1);
        let words = (2..count + 2).map(|place| format!("wanted.column{place}"));
        let words = words.collect::<Vec<_>>().join(", ");
        format!(
            "{verb} INTO {search} (rowid, {columns}) SELECT {table}.{document}, {words} FROM (VALUES {values}) AS wanted CROSS JOIN {table} ON {table}.{key} = wanted.column1 ORDER BY {table}.{document}"
        )
    }

    /// Removes the words of rows that are still there.
    pub(super) fn delete_words(&self) -> String {
        let (search, table, document) = (self.search_name(), quoted(&self.name), self.document());
        let has_key = self.has_key("?");
        format!(
            "DELETE FROM {search} WHERE rowid IN (SELECT {document} FROM {table} WHERE {has_key})"
        )
    }

    /// The rows that a search found, up to the conditions on them; `?2` stands for what is searched.
    fn select_hits(&self) -> String {
        let (search, table, document) = (self.search_name(), quoted(&self.name), self.document());
        let list = select_list(&self.schema, &self.columns);
        format!(
            "SELECT {list} FROM (SELECT rowid AS \"hit.document\", rank AS \"hit.rank\" FROM {search} WHERE {search} MATCH ?2) AS hit CROSS JOIN {table} ON {table}.{document} = hit.\"hit.document\" WHERE "
        )
    }
}

fn words_of(cell: Option<&Value>) -> Cell {
    match cell {
        Some(Value::Text(text)) => {
            let words: Vec<String> = words(text).map(|word| word.text).collect();
            Cell::Text(words.join(" "))
        }
        _ => Cell::Null,
    }
}
