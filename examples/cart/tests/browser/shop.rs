//! An open shop for each test, stocked with the extract that comes with it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use cart_load::OpenShop;

use crate::driver::Driver;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cart");

/// Stocked once; each shop has a copy.
static STOCKED: LazyLock<PathBuf> = LazyLock::new(|| {
    let file = Driver::get().folder().join("stocked.db");
    let extract = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/online-retail-extract.csv.gz");
    let mut import = Command::new(PROGRAM);
    import.arg("import").arg(extract).stdout(Stdio::null());
    import.args(["--store", &format!("sqlite:{}", file.display())]);
    assert!(
        import.status().unwrap().success(),
        "the extract is imported"
    );
    file
});

/// A shop with real goods and 218 orders.
pub(crate) fn stocked() -> OpenShop {
    OpenShop::open(Path::new(PROGRAM), Some(&STOCKED)).expect("the shop opens")
}
