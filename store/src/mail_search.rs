//! How an address is found by a text: the places where it may stand, each with an index of its own.

use crate::list::{pattern, searched};
use sqlx::{Postgres, QueryBuilder};

/// What is searched for.
pub(crate) struct Search {
    /// In small letters, as addresses are kept.
    pub(crate) text: String,
    /// Whether it has so few letters and digits that an index of three in a row does not help. Then it is looked for at the beginnings of
    /// addresses and of their hosts.
    is_short: bool,
    /// Whether who searches has everything, and may see which hosts there are.
    everything: bool,
}

/// Where the text stands in what it finds. No address is found in two of a search's places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Nothing is searched for.
    Any,
    /// Somewhere, which is told by looking at each: at the few that others have, found by whose they are.
    Looked,
    /// At the address's beginning.
    Beginning,
    /// At the host's beginning.
    HostBeginning,
    /// Before the @.
    Local,
    /// Behind it.
    Host,
    /// Somewhere in the address, or in a target.
    Whole,
}

impl Search {
    /// What a field of a search says; who has `everything` finds little at beginnings alone.
    pub(crate) fn of(q: &str, everything: bool) -> Self {
        let text = searched(q).to_lowercase();
        // The end of a word counts as one more (pg_trgm), but where a text that goes on may continue it.
        let words: Vec<usize> = text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count()).collect();
        let several = words.len() > 1;
        let is_short = everything && !words.iter().any(|n| *n >= 3 || several && *n == 2);
        Self { text, is_short, everything }
    }

    /// Where it may stand in addresses of a kind. It lies before the @ or behind it, never around it, unless it has one.
    pub(crate) fn places(&self, alias: bool) -> &'static [Place] {
        match (self.text.is_empty(), self.everything, self.is_short) {
            (true, _, _) => &[Place::Any],
            (false, false, _) => &[Place::Looked],
            (false, true, true) => &[Place::Beginning, Place::HostBeginning],
            (false, true, false) if alias || self.text.contains('@') => &[Place::Whole],
            (false, true, false) => &[Place::Local, Place::Host],
        }
    }

    /// What a host would begin with.
    fn host(&self) -> &str {
        self.text.strip_prefix('@').unwrap_or(&self.text)
    }

    /// That a host in the column `host` makes its addresses found.
    pub(crate) fn host_is_found(&self, query: &mut QueryBuilder<Postgres>) {
        if self.is_short {
            query.push("starts_with(host, ").push_bind(self.host().to_owned()).push(")");
        } else if self.everything && !self.text.is_empty() && !self.text.contains('@') {
            query.push("host like ").push_bind(pattern(&self.text));
        } else {
            query.push("false");
        }
    }

    /// That an address begins with it: by the place where such stand in an index of addresses, and by itself, since that place is exact
    /// only where texts are ordered by code points. Not by LIKE: it would be looked up in an index that knows no order.
    pub(crate) fn begins(&self, query: &mut QueryBuilder<Postgres>) {
        query.push("(x.address >= ").push_bind(self.text.clone());
        query.push(" and x.address < ").push_bind(format!("{}\u{10ffff}", self.text));
        query.push(" and starts_with(x.address, ").push_bind(self.text.clone()).push("))");
    }

    /// That it finds an address, told without any index. `column` has what is looked at: of an alias its targets as well.
    pub(crate) fn contained(&self, query: &mut QueryBuilder<Postgres>, column: &str) {
        if self.is_short {
            query.push("(starts_with(x.address, ").push_bind(self.text.clone());
            query.push(") or starts_with(split_part(x.address, '@', 2), ").push_bind(self.host().to_owned()).push("))");
        } else {
            query.push(format!("strpos({column}, ")).push_bind(self.text.clone()).push(") > 0");
        }
    }

    /// That it stands in this place of an address, and in none of the places before.
    pub(crate) fn stands(&self, query: &mut QueryBuilder<Postgres>, place: Place, alias: bool) {
        let column = if alias { "x.search" } else { "x.address" };
        match place {
            Place::Any => {
                query.push("true");
            }
            Place::Looked => self.contained(query, column),
            Place::Beginning => self.begins(query),
            Place::Local => {
                query.push("split_part(x.address, '@', 1) like ").push_bind(pattern(&self.text));
            }
            Place::Whole => {
                query.push(format!("{column} like ")).push_bind(pattern(&self.text));
            }
            Place::HostBeginning | Place::Host => {
                query.push("split_part(x.address, '@', 2) = any(array(select host from address_hosts where ");
                query.push(if alias { "alias and " } else { "not alias and " });
                self.host_is_found(query);
                query.push(" group by 1 having sum(n) > 0)) and not ");
                if place == Place::Host {
                    query.push("split_part(x.address, '@', 1) like ").push_bind(pattern(&self.text));
                } else {
                    self.begins(query);
                }
            }
        }
    }
}
