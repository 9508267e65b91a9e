//! Texts in German and English: one Fluent catalogue a language, checked against each other and the sources.

use fluent_bundle::{FluentArgs, FluentResource, concurrent::FluentBundle};
use std::{collections::HashMap, sync::LazyLock};

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Lang {
    /// German, as most who sit here speak it.
    #[default]
    De,
    /// English.
    En,
}

const SOURCES: [(Lang, &str); 2] =
    [(Lang::De, include_str!("../locales/de/main.ftl")), (Lang::En, include_str!("../locales/en/main.ftl"))];

struct Catalogue {
    bundle: FluentBundle<FluentResource>,
    /// Messages without arguments, formatted once.
    plain: HashMap<String, String>,
}

static CATALOGUES: LazyLock<HashMap<Lang, Catalogue>> =
    LazyLock::new(|| SOURCES.into_iter().map(|(lang, source)| (lang, load(lang, source))).collect());

fn load(lang: Lang, source: &str) -> Catalogue {
    // What a broken catalogue still has is better than no page; the test below refuses it before anybody sees it.
    let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
    let mut bundle = FluentBundle::new_concurrent(vec![lang.id()]);
    // The marks around arguments would end up in host names that people copy.
    bundle.set_use_isolating(false);
    let keys: Vec<String> = source
        .lines()
        .filter_map(|line| line.split_once(" =").map(|(key, _)| key))
        .filter(|key| !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'))
        .map(str::to_owned)
        .collect();
    let _ = bundle.add_resource(resource);
    let mut plain = HashMap::new();
    for key in keys {
        let pattern = bundle.get_message(&key).and_then(|m| m.value());
        let mut errors = Vec::new();
        let text = pattern.map(|p| bundle.format_pattern(p, None, &mut errors).into_owned());
        if let (Some(text), true) = (text, errors.is_empty()) {
            plain.insert(key, text);
        }
    }
    Catalogue { bundle, plain }
}

impl Lang {
    /// The language of that code, such as `de`.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        match code.get(..2)? {
            "de" | "DE" => Some(Self::De),
            "en" | "EN" => Some(Self::En),
            _ => None,
        }
    }

    /// Its code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    fn id(self) -> unic_langid::LanguageIdentifier {
        match self {
            Self::De => unic_langid::langid!("de"),
            Self::En => unic_langid::langid!("en"),
        }
    }

    /// The first language of an Accept-Language header that is spoken here.
    #[must_use]
    pub fn accepted(header: &str) -> Self {
        header.split(',').find_map(|part| Self::parse(part.trim())).unwrap_or_default()
    }

    /// A text without arguments.
    #[must_use]
    pub fn t(self, key: &str) -> &'static str {
        let found = CATALOGUES.get(&self).and_then(|c| c.plain.get(key));
        found.map_or("?", String::as_str)
    }

    /// A text by a key that is put together at run time, such as `lint-…`; `None` if there is none.
    #[must_use]
    pub fn find(self, key: &str) -> Option<&'static str> {
        CATALOGUES.get(&self).and_then(|c| c.plain.get(key)).map(String::as_str)
    }

    /// A text with arguments.
    #[must_use]
    pub fn f(self, key: &str, args: &[(&'static str, &dyn std::fmt::Display)]) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in args {
            let text = value.to_string();
            match text.parse::<i64>() {
                Ok(number) => values.set(*name, number),
                Err(_) => values.set(*name, text),
            }
        }
        let Some(catalogue) = CATALOGUES.get(&self) else { return String::new() };
        let pattern = catalogue.bundle.get_message(key).and_then(|m| m.value());
        let mut errors = Vec::new();
        pattern.map_or_else(
            || "?".to_owned(),
            |p| catalogue.bundle.format_pattern(p, Some(&values), &mut errors).into_owned(),
        )
    }

    /// A finding's sentence.
    #[must_use]
    pub fn finding(self, finding: &hostler_core::dns::lint::Finding) -> String {
        if self == Self::En {
            return finding.message();
        }
        let mut text =
            self.find(&format!("lint-{}", finding.rule.code())).map_or_else(|| finding.message(), str::to_owned);
        for (i, arg) in finding.args.iter().enumerate() {
            text = text.replace(&format!("[{i}]"), &crate::reasons::german(arg));
        }
        text
    }

    /// A reader's reason.
    #[must_use]
    pub fn reason(self, text: &str) -> String {
        match self {
            Self::De => crate::reasons::german(text),
            Self::En => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn keys(source: &str) -> BTreeSet<&str> {
        source
            .lines()
            .filter(|l| !l.starts_with(['#', ' ']))
            .filter_map(|l| l.split_once(" =").map(|(k, _)| k))
            .collect()
    }

    #[test]
    fn both_catalogues_are_sound_and_have_the_same_texts() {
        let [(_, de), (_, en)] = SOURCES;
        for source in [de, en] {
            if let Err((_, errors)) = FluentResource::try_new(source.to_owned()) {
                panic!("{errors:?}");
            }
        }
        for (_, source) in SOURCES {
            let all: Vec<&str> = source
                .lines()
                .filter_map(|l| l.split_once(" =").map(|(k, _)| k))
                .filter(|k| !k.starts_with([' ', '#']))
                .collect();
            let twice: Vec<_> = all.iter().filter(|k| all.iter().filter(|o| o == k).count() > 1).collect();
            assert!(twice.is_empty(), "there twice: {twice:?}");
        }
        let only_de: Vec<_> = keys(de).difference(&keys(en)).copied().filter(|k| !k.starts_with("lint-")).collect();
        let only_en: Vec<_> = keys(en).difference(&keys(de)).copied().collect();
        assert!(only_de.is_empty() && only_en.is_empty(), "only German: {only_de:?}, only English: {only_en:?}");
    }

    #[test]
    fn every_text_that_the_sources_use_is_there_and_every_one_there_is_used() {
        let mut used = BTreeSet::new();
        let mut dynamic = String::new();
        for root in ["src", "../backend/src"] {
            let mut open = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(root)];
            while let Some(path) = open.pop() {
                if path.is_dir() {
                    open.extend(std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()));
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                for mark in [".t(\"", ".f(\"", ".f(\n            \""] {
                    for part in text.split(mark).skip(1) {
                        used.insert(part.split('"').next().unwrap().to_owned());
                    }
                }
                dynamic.push_str(&text);
            }
        }
        let de = keys(SOURCES[0].1);
        let missing: Vec<_> = used.iter().filter(|k| !de.contains(k.as_str())).collect();
        assert!(missing.is_empty(), "used and not there: {missing:?}");
        let prefixes = [
            "purpose-",
            "standing-",
            "lint-",
            "problem-",
            "kind-",
            "zone-state-",
            "job-",
            "state-",
            "action-",
            "type-help-",
            "part-",
            "step-",
            "role-",
            "may-",
            "mail-state-",
            "protocol-",
            "outcome-",
            "dkim-do-",
            "table-",
            "server-role-",
            "class-",
            "signal-",
            "decision-",
            "plain-",
            "letters-",
        ];
        let unused: Vec<_> = de
            .iter()
            .filter(|k| {
                !used.contains(**k)
                    && !prefixes.iter().any(|p| k.starts_with(p))
                    && !dynamic.contains(&format!("\"{k}\""))
            })
            .collect();
        assert!(unused.is_empty(), "there and not used: {unused:?}");
    }

    #[test]
    fn every_rule_and_every_problem_has_its_sentence() {
        for rule in hostler_core::dns::lint::Rule::ALL {
            assert!(Lang::De.find(&format!("lint-{}", rule.code())).is_some(), "{}", rule.code());
        }
        for kind in hostler_core::reconcile::Kind::ALL {
            for lang in [Lang::De, Lang::En] {
                assert!(lang.find(&format!("problem-{}", kind.code())).is_some(), "{}", kind.code());
                assert!(
                    lang.f(&format!("problem-{}-text", kind.code()), &[("subject", &"a"), ("detail", &"b")]) != "?"
                );
            }
        }
    }

    #[test]
    fn plurals_follow_the_number() {
        assert_eq!(Lang::De.f("hits", &[("n", &1)]), "1 Treffer");
        assert_eq!(Lang::En.f("hits", &[("n", &2)]), "2 hits");
    }
}
