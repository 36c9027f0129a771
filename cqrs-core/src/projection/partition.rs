//! ⑦ Partitions: the rows of a view split by key, each part fed by a worker of its own.

use crate::fingerprint::fingerprint;

/// One of the parts of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Partition {
    index: u32,
    count: u32,
}

impl Partition {
    /// Every row: the view is not divided.
    pub(crate) const WHOLE: Self = Self { index: 0, count: 1 };

    /// All the parts of a view that has so many.
    pub(crate) fn all(count: u32) -> impl Iterator<Item = Self> {
        (0..count.max(1)).map(move |index| Self { index, count })
    }

    pub(crate) fn index(self) -> u32 {
        self.index
    }

    pub(crate) fn is_whole(self) -> bool {
        self.count <= 1
    }

    /// Whether the row whose key has this text belongs to the part.
    ///
    /// The rule may never change: rows stay where they are, and their worker finds them by it.
    pub(super) fn has(self, key: &str) -> bool {
        let hash = fingerprint(key);
        // The lower bits of FNV-1a alone hang on the lower bits of the text.
        self.is_whole() || (hash ^ (hash >> 32)) % u64::from(self.count) == u64::from(self.index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(key: &str, count: u32) -> Vec<u32> {
        let parts = Partition::all(count).filter(|part| part.has(key));
        parts.map(Partition::index).collect()
    }

    #[test]
    fn a_row_belongs_to_one_part_for_ever() {
        assert_eq!(holder("row:ada", 4), [2]);
        assert_eq!(holder("row:22423", 4), [0]);
        assert_eq!(holder("row:", 1), [0]);
    }

    #[test]
    fn rows_are_spread_over_all_parts() {
        for count in [2_u32, 3, 8] {
            let mut rows = vec![0; count as usize];
            for number in 0..8_000 {
                let parts = holder(&format!("row:{number}"), count);
                assert_eq!(parts.len(), 1, "{number}");
                rows[parts[0] as usize] += 1;
            }
            let fair = 8_000 / count;
            let is_fair = |rows: &u32| (fair * 8 / 10..=fair * 12 / 10).contains(rows);
            assert!(rows.iter().all(is_fair), "{count}: {rows:?}");
        }
    }
}
