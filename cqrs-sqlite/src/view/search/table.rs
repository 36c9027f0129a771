//! ⑧ The FTS5 table of a view: its names, and the texts that are made from the full-text columns.

use cqrs_core::view::{ColumnError, Row, Value, words};

use crate::view::cell::Cell;
use crate::view::table::{Table, quoted, select_list, sql_type, values};

impl Table {
    pub(in crate::view) fn is_searched(&self) -> bool {
        !self.schema.full_text.is_empty()
    }

    /// The column that numbers the documents. An integer key does so itself; otherwise it is a column
    /// of our own, since SQLite may number rows anew that have no such column. A dot is in no field's
    /// name.
    pub(in crate::view) fn document(&self) -> &str {
        match sql_type(self.schema.key_column().kind) {
            "INTEGER" => self.key(),
            _ => "\"search.document\"",
        }
    }

    pub(in crate::view) fn search_name(&self) -> String {
        quoted(&format!("{}_search", self.name))
    }

    /// Named apart from the fields: FTS5 has columns `rank` and `rowid` of its own.
    fn search_columns(&self, prefix: &str) -> String {
        let columns = self.schema.full_text.iter();
        let names = columns.map(|column| self.schema.columns[*column].name);
        let columns = names.map(|name| format!("{prefix}{}", quoted(&format!("{name}.words"))));
        columns.collect::<Vec<_>>().join(", ")
    }

    /// It is made with the view's table and dropped with it.
    pub(in crate::view) fn create_search(&self) -> String {
        let (search, columns) = (self.search_name(), self.search_columns(""));
        format!("CREATE VIRTUAL TABLE {search} USING fts5({columns}, tokenize = 'ascii')")
    }

    /// By row: its key, then the words of each full-text column.
    pub(in crate::view) fn words(&self, rows: &[Row]) -> Result<Vec<Vec<Cell>>, ColumnError> {
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
    pub(in crate::view) fn insert_words(&self, rows: usize) -> String {
        let (insert, document) = (self.write_words("INSERT", rows), self.table_document());
        format!("{insert} ORDER BY {document}")
    }

    /// Writes the words of changed rows in place of the ones before, where they differ: a page sets a
    /// column in all its rows, though it may have changed in one.
    pub(in crate::view) fn replace_words(&self, rows: usize) -> String {
        let replace = self.write_words("INSERT OR REPLACE", rows);
        let (search, document) = (self.search_name(), self.table_document());
        let stored = self.search_columns(&format!("{search}."));
        let wanted = self.wanted_words();
        format!(
            "{replace} LEFT JOIN {search} ON {search}.rowid = {document} WHERE ({stored}) IS NOT ({wanted}) ORDER BY {document}"
        )
    }

    fn write_words(&self, verb: &str, rows: usize) -> String {
        let (search, columns) = (self.search_name(), self.search_columns(""));
        let (table, key, document) = (quoted(&self.name), self.key(), self.table_document());
        let (words, values) = (
            self.wanted_words(),
            values(rows, self.schema.full_text.len() + 1),
        );
        format!(
            "{verb} INTO {search} (rowid, {columns}) SELECT {document}, {words} FROM (VALUES {values}) AS wanted CROSS JOIN {table} ON {table}.{key} = wanted.column1"
        )
    }

    /// The words among the values of a statement, which follow the key.
    fn wanted_words(&self) -> String {
        let places = (2..).take(self.schema.full_text.len());
        let words = places.map(|place: usize| format!("wanted.column{place}"));
        words.collect::<Vec<_>>().join(", ")
    }

    fn table_document(&self) -> String {
        format!("{}.{}", quoted(&self.name), self.document())
    }

    /// Removes the words of rows that are still there.
    pub(in crate::view) fn delete_words(&self) -> String {
        let (search, table, document) = (self.search_name(), quoted(&self.name), self.document());
        let has_key = self.has_key("?");
        format!(
            "DELETE FROM {search} WHERE rowid IN (SELECT {document} FROM {table} WHERE {has_key})"
        )
    }

    /// The rows that a search found, up to the conditions on them; `?2` stands for what is searched.
    pub(in crate::view) fn select_hits(&self) -> String {
        let (search, table, document) = (
            self.search_name(),
            quoted(&self.name),
            self.table_document(),
        );
        let list = select_list(&self.schema, &self.columns);
        format!(
            "SELECT {list} FROM (SELECT rowid AS \"hit.document\", rank AS \"hit.rank\" FROM {search} WHERE {search} MATCH ?2) AS hit CROSS JOIN {table} ON {document} = hit.\"hit.document\" WHERE "
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
