//! Without the command's own id, one that is sent again is stored again.

use cqrs::store::Append;
use uuid::Uuid;

pub(super) fn renew(append: &mut Append) {
    append.command.id = Uuid::now_v7();
}
