//! Lists: filters, sortable heads, pages. All state is in the URL.

use super::frame::encode;
use crate::i18n::Lang;
use leptos::prelude::*;

/// Name in the URL of the columns that are shown, with dots between them; empty: all.
pub const COLUMNS: &str = "cols";

/// Where a list is: its path, the query without paging, its order and page.
#[derive(Debug, Clone)]
pub struct ListState {
    /// Path of the page.
    pub path: &'static str,
    /// Filters that are set, in the order of the form: name and value.
    pub filters: Vec<(&'static str, String)>,
    /// Name of the column sorted by; empty for the usual order.
    pub sort: String,
    /// Page, from 1.
    pub page: i64,
    /// Rows on a page.
    pub limit: i64,
    /// Rows in all pages.
    pub total: i64,
}

impl ListState {
    /// The address of this list with something changed.
    #[must_use]
    pub fn href(&self, sort: &str, page: i64) -> String {
        let mut pairs: Vec<(&str, String)> =
            self.filters.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| (*n, v.clone())).collect();
        if !sort.is_empty() {
            pairs.push(("sort", sort.to_owned()));
        }
        if page > 1 {
            pairs.push(("page", page.to_string()));
        }
        if pairs.is_empty() {
            return self.path.to_owned();
        }
        let query: Vec<String> = pairs.iter().map(|(n, v)| format!("{n}={}", encode(v))).collect();
        format!("{}?{}", self.path, query.join("&"))
    }

    /// The filters that are set, as the rest of a query, without those names.
    #[must_use]
    pub fn query(&self, without: &[&str]) -> String {
        let mut out = String::new();
        for (name, value) in self.filters.iter().filter(|(n, v)| !v.is_empty() && !without.contains(n)) {
            out.push_str(&format!("&{name}={}", encode(value)));
        }
        if !self.sort.is_empty() {
            out.push_str(&format!("&sort={}", self.sort));
        }
        out
    }

    /// The address of this list with one filter set to something else, from its first page.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> String {
        let mut other = self.clone();
        for (n, v) in &mut other.filters {
            if *n == name {
                value.clone_into(v);
            }
        }
        other.href(&other.sort, 1)
    }

    /// The value of a filter.
    #[must_use]
    pub fn filter(&self, name: &str) -> &str {
        self.filters.iter().find(|(n, _)| *n == name).map_or("", |(_, v)| v)
    }

    fn filtered(&self) -> bool {
        self.filters.iter().any(|(n, v)| !v.is_empty() && *n != COLUMNS)
    }
}

/// The class of a cell with names or data: it may be broken anywhere only where some word of it is longer than a column
/// is wide. Chromium finds the width of cells that may break by looking at every letter: 70 ms for 50 rows.
#[must_use]
pub fn breakable(text: &str, mono: bool) -> &'static str {
    let long = text.split_whitespace().any(|word| word.chars().count() > 40);
    match (mono, long) {
        (true, true) => "mono break",
        (true, false) => "mono",
        (false, true) => "break",
        (false, false) => "",
    }
}

/// A column head that sorts: up, then down.
pub fn head(
    state: &ListState,
    name: &'static str,
    text: &'static str,
    class: Option<&'static str>,
) -> impl IntoView + use<> {
    let down = format!("-{name}");
    let (aria, mark, next) = if state.sort == name {
        ("ascending", " ▲", down)
    } else if state.sort == down {
        ("descending", " ▼", name.to_owned())
    } else {
        ("none", "", name.to_owned())
    };
    view! { <th scope="col" class=class aria-sort=aria><a href=state.href(&next, 1)>{text}{mark}</a></th> }
}

/// A field of choices: empty value for "all". A single one without a text is a box to tick.
pub fn choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    value: &str,
    options: Vec<(String, String)>,
) -> AnyView {
    if let [(code, text)] = options.as_slice()
        && text.is_empty()
    {
        let checked = code == value;
        return view! { <label class="check"><input type="checkbox" name=name value=code.clone() checked=checked />{label}</label> }
            .into_any();
    }
    let value = value.to_owned();
    let options = options
        .into_iter()
        .map(|(code, text)| {
            let selected = code == value;
            view! { <option value=code selected=selected>{text}</option> }
        })
        .collect_view();
    view! { <label>{label}<select name=name><option value="">{all}</option>{options}</select></label> }.into_any()
}

/// The line of filters: the search and whatever else the list has.
/// `asked` are the names of the fields in `more`; what else is set stays set.
pub fn filters(lang: Lang, state: &ListState, more: AnyView, asked: &[&str]) -> impl IntoView + use<> {
    let kept = state
        .filters
        .iter()
        .filter(|(n, v)| *n != "q" && !v.is_empty() && !asked.contains(n))
        .map(|(n, v)| (*n, v.clone()))
        .chain((!state.sort.is_empty()).then(|| ("sort", state.sort.clone())))
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    let reset = state.filtered().then(|| view! { <a href=state.path>{lang.t("filter-reset")}</a> });
    view! {
        <form class="filters" method="get" action=state.path>
            <label>{lang.t("search")}<input type="search" name="q" value=state.filter("q").to_owned() /></label>
            {more}{kept}
            <button>{lang.t("filter-apply")}</button>
            {reset}
        </form>
    }
}

/// Number of hits and links to the other pages.
pub fn pages(lang: Lang, state: &ListState) -> impl IntoView + use<> {
    let first = (state.page - 1) * state.limit + 1;
    let full = first + state.limit - 1;
    let last = full.min(state.total);
    let range = (state.total != 0).then(|| format!(" · {first}–{last}"));
    let back = (state.page > 1).then(|| view! { <a rel="prev" href=state.href(&state.sort, state.page - 1)>{format!("← {}", lang.t("page-back"))}</a> });
    let on = (last < state.total).then(|| view! { <a rel="next" href=state.href(&state.sort, state.page + 1)>{format!("{} →", lang.t("page-next"))}</a> });
    view! { <nav class="pages" aria-label=lang.t("pages")><span>{lang.f("hits", &[("n", &state.total)])}{range}</span>{back}{on}</nav> }
}

/// What stands in the place of rows where there are none.
pub fn empty(lang: Lang, state: &ListState) -> Option<impl IntoView + use<>> {
    (state.total == 0).then(|| {
        if state.filtered() {
            view! { <p class="empty">{lang.t("empty-filtered")}" "<a href=state.path>{lang.t("filter-reset")}</a></p> }
                .into_any()
        } else {
            view! { <p class="empty">{lang.t("empty-list")}</p> }.into_any()
        }
    })
}
