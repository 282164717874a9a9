//! Whatever happens, in whatever order: what people see in the end is what a trivially simple model says

use lanchat_simulator::{Steps, seeds, tell};

#[test]
fn short_stories() {
    for seed in seeds(0..200) {
        tell(seed, &Steps::from_seed(seed, 20));
    }
}

#[test]
fn long_stories() {
    for seed in seeds(1_000..1_050) {
        tell(seed, &Steps::from_seed(seed, 120));
    }
}
