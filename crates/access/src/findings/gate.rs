//! Which sources a rule may speak of.

use super::{Asked, Collection, Need, Rule, Scene};

/// Something that a rule needs and that was not read, or not whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Of which source; none where it is no source's: nothing leads, or nothing was named.
    pub place: Option<u16>,
    /// Which collection; none where it is not one.
    pub collection: Option<Collection>,
}

/// What a rule may speak of.
#[derive(Debug)]
pub(super) struct Gate {
    /// By place.
    may: Vec<bool>,
    shut: bool,
    missing: Vec<Missing>,
}

impl Gate {
    pub(super) fn new(scene: &Scene<'_>, rule: &Rule) -> Self {
        let mut gate = Self {
            may: vec![true; scene.places.len()],
            shut: false,
            missing: Vec::new(),
        };
        for need in rule.needs {
            match need {
                Need::Authority(collection) => {
                    let lead = scene.places.iter().position(|place| place.authoritative);
                    let missing = match lead {
                        Some(at) if scene.places[at].whole.has(*collection) => continue,
                        Some(at) => Missing {
                            place: Some(at as u16),
                            collection: Some(*collection),
                        },
                        None => Missing {
                            place: None,
                            collection: None,
                        },
                    };
                    gate.shut = true;
                    gate.missing.push(missing);
                }
                Need::Of(kind, collection) => {
                    for (at, place) in scene.places.iter().enumerate() {
                        if place.kind == *kind && !place.whole.has(*collection) {
                            gate.may[at] = false;
                            gate.missing.push(Missing {
                                place: Some(at as u16),
                                collection: Some(*collection),
                            });
                        }
                    }
                }
                Need::RestoreGroups | Need::Keychain => {
                    let there = if *need == Need::Keychain {
                        scene.keychain
                    } else {
                        scene.restore_groups
                    };
                    if !there {
                        gate.shut = true;
                        gate.missing.push(Missing {
                            place: None,
                            collection: None,
                        });
                    }
                }
            }
        }
        let asks = |kind| rule.kinds.is_empty() || rule.kinds.contains(&kind);
        let some = scene.places.iter().zip(&gate.may).any(|(place, may)| asks(place.kind) && *may);
        gate.shut |= !some && !scene.places.is_empty();
        gate
    }

    pub(super) fn may(&self, place: u16) -> bool {
        !self.shut && self.may.get(usize::from(place)).copied().unwrap_or(false)
    }

    /// Whether there is anything that the rule may speak of.
    pub(super) fn open(&self) -> bool {
        !self.shut
    }

    pub(super) fn asked(self) -> Asked {
        match (self.shut, self.missing.is_empty()) {
            (true, _) => Asked::Not(self.missing),
            (false, true) => Asked::Fully,
            (false, false) => Asked::Partly(self.missing),
        }
    }
}
