//! Pages of a list that is in memory as a whole, such as the lines of one order.

/// Some of a list's items, and where the others are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slice {
    /// From 1.
    pub(crate) page: usize,
    pub(crate) pages: usize,
    pub(crate) first: usize,
    pub(crate) size: usize,
}

impl Slice {
    /// The page that was asked for, or the one nearest to it.
    pub(crate) fn new(asked: Option<&str>, items: usize, size: usize) -> Self {
        let pages = items.div_ceil(size).max(1);
        let page = asked.and_then(|page| page.parse().ok()).unwrap_or(1);
        let page = usize::clamp(page, 1, pages);
        let first = (page - 1) * size;
        Self {
            page,
            pages,
            first,
            size,
        }
    }

    pub(crate) fn before(&self) -> Option<usize> {
        (self.page > 1).then(|| self.page - 1)
    }

    pub(crate) fn after(&self) -> Option<usize> {
        (self.page < self.pages).then_some(self.page + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_leads_to_a_page_that_there_is() {
        let slice = Slice::new(Some("2"), 95, 40);
        assert_eq!((slice.page, slice.pages, slice.first), (2, 3, 40));
        assert_eq!((slice.before(), slice.after()), (Some(1), Some(3)));
        for (asked, page) in [
            (None, 1),
            (Some("0"), 1),
            (Some("-1"), 1),
            (Some("99"), 3),
            (Some("x"), 1),
        ] {
            assert_eq!(Slice::new(asked, 95, 40).page, page, "{asked:?}");
        }
        let empty = Slice::new(Some("3"), 0, 40);
        assert_eq!((empty.page, empty.pages, empty.first), (1, 1, 0));
    }
}
