//! The hex blocks of PROTOCOL.md §10

use std::{format, vec::Vec};

/// The bytes of the block called `name`
pub(crate) fn vector(name: &str) -> Vec<u8> {
    let document = include_str!("../../PROTOCOL.md");
    let start = format!("```hex {name}\n");
    let (_, rest) = document.split_once(&start).unwrap_or_else(|| panic!("there is no vector {name}"));
    let (block, _) = rest.split_once("```").expect("a block has an end");
    let digits: Vec<u8> = block
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| u8::try_from(c.to_digit(16).expect("a hex digit")).expect("less than 16"))
        .collect();
    assert!(digits.len().is_multiple_of(2), "half a byte in {name}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}
