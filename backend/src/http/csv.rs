//! CSV that a spreadsheet opens without executing it.

use super::fault::Fault;
use actix_web::{HttpResponse, http::header};

/// A table being written (RFC 4180), with a byte order mark so that spreadsheets read UTF-8.
pub struct Csv {
    writer: csv::Writer<Vec<u8>>,
}

/// A cell that no spreadsheet takes for a formula: it would begin with one of `= + - @`, a tab or a line break
/// (OWASP, CSV Injection). A plain negative number stays one.
#[must_use]
pub fn safe(cell: &str) -> std::borrow::Cow<'_, str> {
    let starts = cell
        .trim_start_matches([' ', '"', '\u{feff}'])
        .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if starts && cell.parse::<f64>().is_err() { format!("'{cell}").into() } else { cell.into() }
}

impl Csv {
    /// With these columns.
    ///
    /// # Errors
    /// Never: it writes into memory.
    pub fn new<T: AsRef<str>>(head: &[T]) -> Result<Self, Fault> {
        let mut this = Self { writer: csv::Writer::from_writer("\u{feff}".as_bytes().to_vec()) };
        this.row(head)?;
        Ok(this)
    }

    /// What is said instead of a file that has more rows than `most`.
    #[must_use]
    pub fn too_long(most: i64) -> Fault {
        Fault::field("format", format!("more than {most} rows: narrow the list by a filter"))
    }

    /// Adds a row.
    ///
    /// # Errors
    /// If it has another number of cells than the head.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), Fault> {
        self.writer.write_record(cells.iter().map(|c| safe(c.as_ref()).into_owned())).map_err(Fault::internal)
    }

    /// The answer: a file of that name.
    ///
    /// # Errors
    /// Never: it writes into memory.
    pub fn answer(self, name: &str) -> Result<HttpResponse, Fault> {
        let octets = self.writer.into_inner().map_err(Fault::internal)?;
        Ok(HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
            .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(octets))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for evil in ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", " =1", "\"=1", "＝1"] {
            assert!(safe(evil).starts_with('\''), "{evil:?}");
        }
        for plain in ["a=b", "-5", "-1.5", "K10023", "", "mail@a.de"] {
            assert_eq!(safe(plain), plain);
        }
    }
}
