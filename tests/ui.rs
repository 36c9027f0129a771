//! What the derives accept, and what rustc says where they do not.
//!
//! The expectations belong to the compiler of `rust-toolchain.toml`. To write them anew:
//! `TRYBUILD=overwrite cargo test --all-features --test ui`, and read every one.

#[test]
fn accepted() {
    trybuild::TestCases::new().pass("tests/ui/pass/**/*.rs");
}

// A dependency of the feature has an `Apply` of its own, so rustc writes ours with its path.
#[test]
#[cfg_attr(
    not(feature = "postgres"),
    ignore = "the expectations are those of `--all-features`"
)]
fn refused() {
    trybuild::TestCases::new().compile_fail("tests/ui/fail/**/*.rs");
}
