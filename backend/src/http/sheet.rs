//! Tables as spreadsheets (Office Open XML, ECMA-376): texts are texts there, and never formulas.

use super::{api::cell, fault::Fault};
use actix_web::{HttpResponse, http::header};
use rust_xlsxwriter::{Format, Workbook};
use serde_json::Value;

/// Its media type.
pub(super) const CONTENT_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Characters that a cell can hold.
const MOST: usize = 32_767;
/// Width of a column whose texts are longer, in characters.
const WIDEST: usize = 60;

/// A sheet of that name with a line for each object, its titles in sight however far one goes down.
///
/// # Errors
/// When there are more rows or columns than a sheet has.
pub(super) fn table(name: &str, columns: &[&'static str], rows: &[Value]) -> Result<Vec<u8>, Fault> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let fail = |e: rust_xlsxwriter::XlsxError| Fault::internal(e);
    sheet.set_name(name).map_err(fail)?;
    let head = Format::new().set_bold();
    let mut widths: Vec<usize> = columns.iter().map(|c| c.len()).collect();
    for (column, title) in (0u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &head).map_err(fail)?;
    }
    for (row, object) in (1u32..).zip(rows) {
        for (column, (name, width)) in (0u16..).zip(columns.iter().zip(&mut widths)) {
            match object.get(*name) {
                None | Some(Value::Null) => {}
                // A number beyond what a cell holds exactly is an id of somebody's, and a text.
                Some(Value::Number(n)) if n.as_f64().is_some_and(|n| n.abs() < 1e15) => {
                    sheet.write_number(row, column, n.as_f64().unwrap_or_default()).map_err(fail)?;
                }
                other => {
                    let text: String = cell(other).chars().take(MOST).collect();
                    *width = (*width).max(text.chars().count());
                    sheet.write_string(row, column, text).map_err(fail)?;
                }
            }
        }
    }
    for (column, width) in (0u16..).zip(widths) {
        let width = u8::try_from(width.min(WIDEST) + 2).unwrap_or(u8::MAX);
        sheet.set_column_width(column, f64::from(width)).map_err(fail)?;
    }
    sheet.set_freeze_panes(1, 1).map_err(fail)?;
    if let (Ok(last), Some(right)) =
        (u32::try_from(rows.len()), u16::try_from(columns.len()).ok().and_then(|n| n.checked_sub(1)))
    {
        sheet.autofilter(0, 0, last, right).map_err(fail)?;
    }
    book.save_to_buffer().map_err(fail)
}

/// The answer: a file of that name.
pub(super) fn answer(name: &str, octets: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(octets)
}
