use cqrs::doc::Balance;

fn used() {
    let _ = Balance::OWNER.eq(7);
}

fn main() {}
