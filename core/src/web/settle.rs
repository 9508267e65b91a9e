//! What is held to be true of a homepage, look after look: one that differs from the others changes nothing.

use super::Class;
use serde::{Deserialize, Serialize};

/// What is held to be true, and what the last look would make of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The class.
    pub class: Class,
    /// Another that was seen last, and has to be seen once more.
    pub doubt: Option<Class>,
}

/// Takes a look into account: the first is believed, another class only when it is seen twice one after the other.
#[must_use]
pub fn settle(before: Option<Held>, seen: Class) -> Held {
    match before {
        None => Held { class: seen, doubt: None },
        Some(held) if held.class == seen => Held { class: seen, doubt: None },
        Some(held) if held.doubt == Some(seen) => Held { class: seen, doubt: None },
        Some(held) => Held { class: held.class, doubt: Some(seen) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Class::{Alive, Error, Unreachable};

    #[test]
    fn one_look_changes_nothing() {
        let mut held = None;
        let mut told = Vec::new();
        for seen in [Alive, Unreachable, Alive, Unreachable, Error, Unreachable, Unreachable, Alive, Alive] {
            held = Some(settle(held, seen));
            told.push(held.unwrap().class);
        }
        assert_eq!(told, [Alive, Alive, Alive, Alive, Alive, Alive, Unreachable, Unreachable, Alive]);
    }
}
