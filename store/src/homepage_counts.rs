//! How many homepages there are of each kind, class and decision.

use crate::{
    StoreError, View,
    homepages::{HomepageFilter, narrow},
};
use sqlx::QueryBuilder;
use std::collections::BTreeMap;

/// What has one of a few values, and is counted by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Facet {
    /// By kind.
    Kind,
    /// By class; those that nobody looked at are left out.
    Class,
    /// By decision.
    Decision,
}

/// How many homepages there are of each kind, class and decision.
#[derive(Debug, Clone, sqlx::FromRow)]
struct Count {
    kind: String,
    class: Option<String>,
    decision: String,
    n: i64,
}

impl Count {
    /// Whether a filter leaves it, but for what it says of one facet.
    fn fits(&self, filter: &HomepageFilter, but: Option<Facet>) -> bool {
        let fits = |facet: Facet, wanted: &Option<String>, value: Option<&str>| {
            but == Some(facet) || wanted.as_deref().is_none_or(|w| Some(w) == value)
        };
        fits(Facet::Kind, &filter.kind, Some(&self.kind))
            && fits(Facet::Class, &filter.class, self.class.as_deref())
            && fits(Facet::Decision, &filter.decision, Some(&self.decision))
    }
}

/// Numbers of the homepages that a filter leaves.
#[derive(Debug, Clone)]
pub struct HomepageCounts {
    filter: HomepageFilter,
    rows: Vec<Count>,
}

impl HomepageCounts {
    /// All of them.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.rows.iter().filter(|r| r.fits(&self.filter, None)).map(|r| r.n).sum()
    }

    /// How many have each value of a facet, whatever the filter says of that facet itself; in the order of the values.
    #[must_use]
    pub fn of(&self, facet: Facet) -> BTreeMap<String, i64> {
        let mut out = BTreeMap::new();
        for row in self.rows.iter().filter(|r| r.fits(&self.filter, Some(facet))) {
            let value = match facet {
                Facet::Kind => Some(&row.kind),
                Facet::Class => row.class.as_ref(),
                Facet::Decision => Some(&row.decision),
            };
            if let Some(value) = value {
                *out.entry(value.clone()).or_default() += row.n;
            }
        }
        out
    }
}

impl View {
    /// The numbers of the homepages that a filter leaves, gone through once; where nothing else is asked for, they are kept.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn homepage_counts(&mut self, filter: &HomepageFilter) -> Result<HomepageCounts, StoreError> {
        let rows = if self.scope.is_everything() && filter.is_bare() {
            let kept = "select kind, nullif(class, '') as class, decision, sum(n)::bigint as n from homepage_counts
                 group by 1, 2, 3 having sum(n) > 0";
            sqlx::query_as(kept).fetch_all(&mut *self.tx).await?
        } else {
            let others = HomepageFilter { kind: None, class: None, decision: None, ..filter.clone() };
            let mut query = QueryBuilder::new("select h.kind, h.class, h.decision, count(*) as n from homepages h");
            narrow(&mut query, &others, &self.scope);
            query.push(" group by 1, 2, 3");
            query.build_query_as().fetch_all(&mut *self.tx).await?
        };
        Ok(HomepageCounts { filter: filter.clone(), rows })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Scope, Store,
        list::{PAGE_ROWS, Page, Sort},
    };
    use sqlx::PgPool;

    /// What is kept is what counting would give, after every kind of change; for every facet, whatever is filtered by.
    #[sqlx::test(migrator = "crate::MIGRATOR")]
    async fn kept_numbers_are_the_counted_ones(pool: PgPool) {
        let store = Store::from_pool(pool.clone());
        for change in [
            "insert into homepages (id, name, unicode, aliases, kind, root, target, tls, server, source, tags, created_at, updated_at)
             select gen_random_uuid(), 'h' || n || '.example', 'h' || n || '.example', array['www.h' || n || '.example'],
                 case when n % 3 = 0 then 'php' else 'static' end, '/srv/H' || n, '', false, '', '',
                 case when n % 4 = 0 then '{eins,zwei}'::text[] else '{}' end, now(), now()
             from generate_series(1, 60) n",
            "update homepages set class = 'alive' where root < '/srv/H3'",
            "update homepages set decision = 'move', tags = '{zwei}' where kind = 'php'",
            "update homepages set hits = 3",
            "update homepages set archived_at = now() where root like '%5'",
            "update homepages set class = 'parked', archived_at = null where root like '%15'",
            "delete from homepages where root like '%7'",
        ] {
            sqlx::query(change).execute(&pool).await.unwrap();
            let counted: Vec<(String, String, String, i64)> = sqlx::query_as(
                "select kind, coalesce(class, ''), decision, count(*) from homepages where archived_at is null group by 1, 2, 3 order by 1, 2, 3",
            )
            .fetch_all(&pool)
            .await
            .unwrap();
            let kept = sqlx::query_as("select kind, class, decision, sum(n)::bigint from homepage_counts group by 1, 2, 3 having sum(n) <> 0 order by 1, 2, 3")
                .fetch_all(&pool)
                .await
                .unwrap();
            assert_eq!(counted, kept, "{change}");
            store.fold_counts().await.unwrap();
            let left: i64 = sqlx::query_scalar("select count(*) from homepage_counts").fetch_one(&pool).await.unwrap();
            assert_eq!(usize::try_from(left).unwrap(), counted.len(), "{change}");
            let tags: Vec<(String, i64)> = sqlx::query_as(
                "select t, count(*) from homepages, unnest(tags) t where archived_at is null group by 1 order by 2 desc, 1",
            )
            .fetch_all(&pool)
            .await
            .unwrap();
            let mut view = store.view(&Scope::for_machine("test")).await.unwrap();
            assert_eq!(view.homepage_tags().await.unwrap(), tags, "{change}");
            for filter in [
                HomepageFilter::default(),
                HomepageFilter { class: Some("alive".to_owned()), ..HomepageFilter::default() },
                HomepageFilter { kind: Some("php".to_owned()), decision: Some("move".to_owned()), ..HomepageFilter::default() },
            ] {
                let page = Page { limit: PAGE_ROWS, offset: 0 };
                let sort = Sort { column: 0, descending: false };
                // What is searched for is in every name, so the same are found by counting.
                let searched = HomepageFilter { q: "/SRV/h".to_owned(), ..filter.clone() };
                let (found, kept) = view.homepages_with_counts(&filter, sort, page).await.unwrap();
                let (_, counted) = view.homepages_with_counts(&searched, sort, page).await.unwrap();
                assert_eq!(kept.total(), counted.total(), "{change} {filter:?}");
                for facet in [Facet::Kind, Facet::Class, Facet::Decision] {
                    assert_eq!(kept.of(facet), counted.of(facet), "{change} {filter:?}");
                }
                let mut names: Vec<String> = found.items.iter().map(|h| h.name.clone()).collect();
                let second = Page { limit: PAGE_ROWS, offset: PAGE_ROWS };
                names.extend(view.homepages(&filter, sort, second).await.unwrap().items.into_iter().map(|h| h.name));
                assert!(names.is_sorted(), "{names:?}");
                assert_eq!(i64::try_from(names.len()).unwrap(), kept.total(), "{change} {filter:?}");
            }
        }
    }
}
