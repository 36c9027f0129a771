//! Without the expected version, a decision on a stale state is stored.

use cqrs::Expected;
use cqrs::store::Append;

pub(super) fn expect_anything(append: &mut Append) {
    for write in &mut append.writes {
        write.expected = Expected::Any;
    }
}
