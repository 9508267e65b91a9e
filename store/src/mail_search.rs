//! How an address is found by a text: by indexes where these help, and without them.

use crate::list::{pattern, searched};
use sqlx::{Postgres, QueryBuilder};

/// What is searched for.
pub(crate) struct Search {
    /// In small letters, as addresses are kept.
    pub(crate) text: String,
    /// Whether it has so few letters and digits that an index of three in a row does not help. Then it is looked for at the beginnings of
    /// addresses and of their hosts.
    pub(crate) is_short: bool,
}

impl Search {
    /// What a field of a search says; who has `everything` finds little at beginnings alone.
    pub(crate) fn of(q: &str, everything: bool) -> Self {
        let text = searched(q).to_lowercase();
        // The end of a word counts as one more (pg_trgm), but where a text that goes on may continue it.
        let words: Vec<usize> = text.split(|c: char| !c.is_alphanumeric()).map(|word| word.chars().count()).collect();
        let several = words.len() > 1;
        let is_short = everything && !words.iter().any(|n| *n >= 3 || several && *n == 2);
        Self { text, is_short }
    }

    /// What a host would begin with.
    pub(crate) fn host(&self) -> &str {
        self.text.strip_prefix('@').unwrap_or(&self.text)
    }
}

/// That an address begins with a text: by the place where such stand in an index of addresses, and by itself, since that place is
/// exact only where texts are ordered by code points. Not by LIKE: it would be looked up in an index that knows no order.
pub(crate) fn begins(query: &mut QueryBuilder<Postgres>, text: &str) {
    query.push("(x.address >= ").push_bind(text.to_owned());
    query.push(" and x.address < ").push_bind(format!("{text}\u{10ffff}"));
    query.push(" and starts_with(x.address, ").push_bind(text.to_owned()).push("))");
}

/// That an address is found by a text, told without any index. `column` has what is looked at: of an alias its targets as well.
pub(crate) fn contains(query: &mut QueryBuilder<Postgres>, search: &Search, column: &str) {
    if search.is_short {
        query.push("(starts_with(x.address, ").push_bind(search.text.clone());
        query.push(") or starts_with(split_part(x.address, '@', 2), ").push_bind(search.host().to_owned()).push("))");
    } else {
        query.push(format!("strpos({column}, ")).push_bind(search.text.clone()).push(") > 0");
    }
}

/// That an address is found by a text, told by indexes. Who has everything may see which hosts there are.
pub(crate) fn is_found(query: &mut QueryBuilder<Postgres>, search: &Search, alias: bool) {
    let like = pattern(&search.text);
    match (search.is_short, alias) {
        (true, false) => {
            query.push("(");
            begins(query, &search.text);
            query.push(
                " or split_part(x.address, '@', 2) = any(array(select host from mailbox_hosts where starts_with(host, ",
            );
            query.push_bind(search.host().to_owned()).push(") group by 1 having sum(n) > 0)))");
        }
        (true, true) => {
            query.push("(");
            begins(query, &search.text);
            query.push(" or x.domain_id in (select id from domains where starts_with(name, ");
            query.push_bind(search.host().to_owned());
            query.push(")) or x.domain_id is null and starts_with(split_part(x.address, '@', 2), ");
            query.push_bind(search.host().to_owned()).push("))");
        }
        (false, true) => {
            query.push("x.search like ").push_bind(like);
        }
        (false, false) if search.text.contains('@') => {
            query.push("x.address like ").push_bind(like);
        }
        // It lies before the @ or behind it, never around it.
        (false, false) => {
            query.push("(split_part(x.address, '@', 1) like ").push_bind(like.clone());
            query.push(" or split_part(x.address, '@', 2) = any(array(select host from mailbox_hosts where host like ");
            query.push_bind(like).push(" group by 1 having sum(n) > 0)))");
        }
    }
}
