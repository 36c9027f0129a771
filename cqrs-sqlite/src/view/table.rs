//! ⑧ The table of a view: its names, and the texts that are made from its columns.
//!
//! Names come from the schema, so they are checked and quoted here; values are always parameters.

use cqrs_core::view::{ColumnKind, ColumnSchema, ViewSchema};

/// A schema with its names as SQL writes them.
#[derive(Debug, Clone)]
pub(super) struct Table {
    pub(super) schema: ViewSchema,
    /// In hexadecimal, as it stands in the table's name.
    pub(super) fingerprint: String,
    /// Not quoted.
    pub(super) name: String,
    /// The name that it has once it answers; not quoted.
    pub(super) final_name: String,
    /// Quoted, in the schema's order.
    pub(super) columns: Vec<String>,
    /// A row: all its cells but the floating-point ones in one text, then those.
    pub(super) select: String,
    /// The rows of keys, which stand in lists in a list; `?` stands for the parameter.
    by_keys: String,
}

/// What the fingerprint of a table ends with that is built to take the place of another one.
const BUILT: &str = "_built";

/// An index that a schema asks for.
#[derive(Debug)]
pub(super) struct Index {
    /// Not quoted.
    name: String,
    /// Quoted, as in the statement that makes it.
    columns: String,
}

impl Index {
    /// The two names that it may have: while a view is built anew its indexes stand beside the old ones,
    /// and SQLite cannot rename an index.
    pub(super) fn names(&self) -> [String; 2] {
        [self.name.clone(), format!("{}.2", self.name)]
    }

    /// Whether this statement makes such an index.
    pub(super) fn is_made_by(&self, sql: &str) -> bool {
        let columns = sql.rsplit_once(" (").map(|(_, columns)| columns);
        columns.and_then(|columns| columns.strip_suffix(')')) == Some(&self.columns)
    }
}

impl Table {
    pub(super) fn new(schema: &ViewSchema) -> Result<Self, String> {
        check_name(schema.name)?;
        let fingerprint = format!("{:016x}", schema.fingerprint());
        Ok(Self::named(schema, fingerprint.clone(), &fingerprint))
    }

    /// The one that is built to take the place of this one.
    pub(super) fn built(&self) -> Self {
        let fingerprint = format!("{}{BUILT}", self.fingerprint);
        Self::named(&self.schema, fingerprint, &self.fingerprint)
    }

    /// Another one with the same columns.
    pub(super) fn older(&self, fingerprint: &str) -> Self {
        Self::named(&self.schema, fingerprint.to_owned(), fingerprint)
    }

    fn named(schema: &ViewSchema, fingerprint: String, finally: &str) -> Self {
        let name = format!("{}_{fingerprint}", schema.name);
        let final_name = format!("{}_{finally}", schema.name);
        let columns = schema.columns.iter().map(|column| quoted(column.name));
        let columns: Vec<String> = columns.collect();
        let select = select(schema, &columns, &name);
        let by_keys = match schema.has_rows() {
            true => by_keys(schema, &columns, &name),
            false => String::new(),
        };
        Self {
            schema: schema.clone(),
            fingerprint,
            name,
            final_name,
            columns,
            select,
            by_keys,
        }
    }

    /// The one whose place this one takes.
    pub(super) fn replaced(&self) -> Self {
        let fingerprint = self.fingerprint.trim_end_matches(BUILT);
        self.older(fingerprint)
    }

    pub(super) fn is_built(&self) -> bool {
        self.name != self.final_name
    }

    pub(super) fn key(&self) -> &str {
        &self.columns[self.schema.key]
    }

    pub(super) fn create_table(&self) -> String {
        let columns = self.schema.columns.iter().zip(&self.columns);
        let columns = columns.map(|(column, name)| {
            let not_null = if column.nullable { "" } else { " NOT NULL" };
            format!("{name} {}{not_null}", sql_type(column.kind))
        });
        let mut lines: Vec<String> = columns.collect();
        let options = self.options(&mut lines);
        let (table, lines) = (quoted(&self.name), lines.join(", "));
        format!("CREATE TABLE {table} ({lines}) {options}")
    }

    /// The table and what belongs to it, whatever schema it was made from.
    pub(super) fn drop_table(&self) -> [String; 2] {
        [quoted(&self.name), self.search_name()].map(|name| format!("DROP TABLE IF EXISTS {name}"))
    }

    /// Gives the table the name of the one whose place it takes.
    pub(super) fn rename(&self) -> Vec<String> {
        let replaced = self.replaced();
        let mut names = vec![(quoted(&self.name), quoted(&replaced.name))];
        if self.is_searched() {
            names.push((self.search_name(), replaced.search_name()));
        }
        let rename = |(name, new): (String, String)| format!("ALTER TABLE {name} RENAME TO {new}");
        names.into_iter().map(rename).collect()
    }

    /// How rows are found: by their key, and by their document where they are searched.
    fn options(&self, lines: &mut Vec<String>) -> &'static str {
        let (key, document) = (self.key(), self.document());
        if self.is_searched() && document != key {
            lines.push(format!("UNIQUE ({key})"));
            lines.insert(0, format!("{document} INTEGER PRIMARY KEY"));
            return "STRICT";
        }
        lines.push(format!("PRIMARY KEY ({key})"));
        // A rowid would make a text key cost a second tree, and an integer key is the rowid.
        match sql_type(self.schema.key_column().kind) {
            "INTEGER" => "STRICT",
            _ => "STRICT, WITHOUT ROWID",
        }
    }

    /// What people see under the view's own name.
    pub(super) fn create_view(&self) -> String {
        let (view, table) = (quoted(self.schema.name), quoted(&self.final_name));
        format!(
            "{} {} FROM {table}",
            create_view_head(&view),
            self.columns.join(", ")
        )
    }

    /// Whether this is what `create_view` made of some version of the view.
    pub(super) fn is_ours(&self, sql: &str) -> bool {
        let head = create_view_head(&quoted(self.schema.name));
        let tail = format!(" FROM \"{}_", self.schema.name);
        let fingerprint = sql
            .strip_prefix(&head)
            .and_then(|sql| sql.rsplit_once(&tail));
        fingerprint.is_some_and(|(_, end)| {
            let hexadecimal = |byte: u8| byte.is_ascii_hexdigit();
            end.len() == 17 && end.ends_with('"') && end.bytes().take(16).all(hexadecimal)
        })
    }

    /// The indexes that the schema asks for.
    pub(super) fn indexes(&self) -> Vec<Index> {
        let index = |columns: &Vec<usize>| {
            let names = columns.iter().map(|index| self.schema.columns[*index].name);
            // A dot is in no field's name, so no two lists of columns share a name.
            let names = names.collect::<Vec<_>>().join(".");
            let columns = columns.iter().map(|index| self.columns[*index].as_str());
            Index {
                name: format!("ix_{}_{names}", self.final_name),
                columns: columns.collect::<Vec<_>>().join(", "),
            }
        };
        self.schema.indexes.iter().map(index).collect()
    }

    pub(super) fn create_index(&self, name: &str, index: &Index) -> String {
        let (name, table) = (quoted(name), quoted(&self.name));
        format!("CREATE INDEX {name} ON {table} ({})", index.columns)
    }

    /// Writes new rows. With FAIL SQLite keeps no journal of the statement, by which it could be
    /// undone alone: when it fails, the whole page is rolled back.
    pub(super) fn insert(&self, rows: usize) -> String {
        let (table, columns) = (quoted(&self.name), self.columns.join(", "));
        let values = values(rows, self.columns.len());
        format!("INSERT OR FAIL INTO {table} ({columns}) VALUES {values}")
    }

    /// Sets these columns, and no others, since SQLite rewrites the index entries of every column
    /// that is set, also where the value stays. A row is its key, then its cells.
    pub(super) fn update(&self, rows: usize, columns: &[usize]) -> String {
        let set = columns.iter().zip(2..).map(|(column, place)| {
            let column = &self.columns[*column];
            format!("{column} = wanted.column{place}")
        });
        let set = set.collect::<Vec<_>>().join(", ");
        let (table, key) = (quoted(&self.name), self.key());
        let values = values(rows, columns.len() + 1);
        format!(
            "UPDATE OR FAIL {table} SET {set} FROM (VALUES {values}) AS wanted WHERE {table}.{key} = wanted.column1"
        )
    }

    /// Reads rows by key; many of them come in one text where that is possible.
    pub(super) fn select_by_keys(&self, parameter: usize) -> String {
        self.by_keys.replace('?', &format!("?{parameter}"))
    }

    /// Which rows have one of the keys.
    pub(super) fn has_key(&self, parameter: &str) -> String {
        format!("{} IN ({})", self.key(), listed(parameter))
    }

    /// Removes the rows with these keys.
    pub(super) fn delete(&self) -> String {
        let (table, has_key) = (quoted(&self.name), self.has_key("?"));
        format!("DELETE FROM {table} WHERE {has_key}")
    }

    pub(super) fn count(&self) -> String {
        format!("SELECT count(*) FROM {}", quoted(&self.name))
    }
}

pub(super) fn values(rows: usize, cells: usize) -> String {
    let row = format!("({})", vec!["?"; cells].join(", "));
    vec![row.as_str(); rows].join(", ")
}

fn create_view_head(view: &str) -> String {
    format!("CREATE VIEW {view} AS SELECT")
}

/// The keys of a list of lists.
fn listed(parameter: &str) -> String {
    format!(
        "SELECT wanted.value FROM json_each({parameter}) AS chunk CROSS JOIN json_each(chunk.value) AS wanted"
    )
}

fn select(schema: &ViewSchema, columns: &[String], table: &str) -> String {
    let list = select_list(schema, columns);
    format!("SELECT {list} FROM {}", quoted(table))
}

/// What a row is read as.
pub(super) fn select_list(schema: &ViewSchema, columns: &[String]) -> String {
    let columns = || schema.columns.iter().zip(columns);
    let floats = columns().filter(|(column, _)| column.kind == ColumnKind::Float);
    let floats: String = floats.map(|(_, name)| format!(", {name}")).collect();
    format!("{}{floats}", packed(columns()))
}

/// The rows of a list of keys in one text: the driver's cost is by row.
fn by_keys(schema: &ViewSchema, columns: &[String], table: &str) -> String {
    let floats = |column: &ColumnSchema| column.kind == ColumnKind::Float;
    if schema.columns.iter().any(floats) {
        let select = select(schema, columns, table);
        let key = &columns[schema.key];
        return format!("{select} WHERE {key} IN ({})", listed("?"));
    }
    let table = quoted(table);
    // With the table's name, since `json_each` has columns as well: `key`, `id`, `value` and more.
    let columns = columns.iter().map(|column| format!("{table}.{column}"));
    let columns: Vec<String> = columns.collect();
    let (key, packed) = (
        &columns[schema.key],
        packed(schema.columns.iter().zip(&columns)),
    );
    format!(
        "SELECT (SELECT group_concat({packed}, '') FROM json_each(chunk.value) AS wanted CROSS JOIN {table} ON {key} = wanted.value) FROM json_each(?) AS chunk"
    )
}

/// The lengths of all cells, then the cells.
fn packed<'c>(columns: impl Iterator<Item = (&'c ColumnSchema, &'c String)>) -> String {
    let columns = columns.filter(|(column, _)| column.kind != ColumnKind::Float);
    let cells: Vec<&str> = columns.map(|(_, name)| name.as_str()).collect();
    let lengths = cells.iter().map(|name| format!("octet_length({name})"));
    let lengths = lengths.collect::<Vec<_>>().join(", ");
    let format = "%s ".repeat(cells.len());
    format!(
        "concat(format('{format}', {lengths}), {})",
        cells.join(", ")
    )
}

pub(super) fn sql_type(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Bool | ColumnKind::Integer | ColumnKind::Time | ColumnKind::Decimal => {
            "INTEGER"
        }
        ColumnKind::Float => "REAL",
        _ => "TEXT",
    }
}

/// The view's name is part of other names, so it is a plain one.
fn check_name(name: &str) -> Result<(), String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let lower = name.to_ascii_lowercase();
    if name.is_empty() || name.len() > 100 || !name.bytes().all(plain) {
        Err(format!(
            "the name `{name}` is not 1 to 100 letters, digits and `_`"
        ))
    } else if lower.starts_with("cqrs_") || lower.starts_with("sqlite_") {
        Err(format!(
            "the name `{name}` is taken: `cqrs_` and `sqlite_` are not for views and subscriptions"
        ))
    } else {
        Ok(())
    }
}

pub(super) fn quoted(identifier: &str) -> String {
    format!("\"{}\"", identifier.replace('"', "\"\""))
}
