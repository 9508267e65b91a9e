//! The design system: knows tables, forms and states, and no feature.

pub mod diff;
pub mod facts;
pub mod form;
pub mod frame;
pub mod list;
pub mod state;
