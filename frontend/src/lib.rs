//! Hostler's pages: pure functions from view models to HTML.
//!
//! [`ui`] is the design system and knows no feature; [`pages`] has a file for each feature; [`islands`] is what moves
//! without a page load, compiled for the server (its first HTML) and for wasm (its life). Handlers load everything,
//! then a component renders it: no component asks for data.

pub mod islands;
pub mod reasons;

#[cfg(feature = "ssr")]
pub mod i18n;
#[cfg(feature = "ssr")]
pub mod pages;
#[cfg(feature = "ssr")]
pub mod render;
#[cfg(feature = "ssr")]
pub mod time;
#[cfg(feature = "ssr")]
pub mod ui;
