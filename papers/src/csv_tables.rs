//! `customers.csv` and `domains.csv`.

use super::{Papers, Sourced, files::PaperFiles, refusal, text};
use hostler_core::names::{DomainName, EmailAddress};
use hostler_core::papers::{PaperCustomer, PaperDomain};
use std::collections::HashMap;

const CUSTOMERS: &str = "customers.csv";
const DOMAINS: &str = "domains.csv";

/// A table with its header looked up and its lines counted.
struct Table<'t> {
    file: &'static str,
    text: &'t str,
    columns: HashMap<&'static str, usize>,
    header: Vec<String>,
    reader: csv::Reader<&'t [u8]>,
}

/// Columns by the names that German and English programs give them, folded to letters.
const COLUMNS: &[(&str, &[&str])] = &[
    (
        "number",
        &[
            "kundennr",
            "kundennummer",
            "kdnr",
            "kunde",
            "customer",
            "customernumber",
            "customerno",
            "customerid",
            "number",
        ],
    ),
    ("company", &["firma", "firmenname", "company", "organisation", "organization"]),
    ("contact", &["ansprechpartner", "kontakt", "contact", "contactperson", "name"]),
    ("street", &["strasse", "street", "address", "anschrift"]),
    ("postcode", &["plz", "postleitzahl", "postcode", "zip", "zipcode", "postalcode"]),
    ("city", &["ort", "stadt", "city", "town"]),
    ("country", &["land", "country"]),
    ("email", &["email", "mail", "emailadresse", "emailaddress"]),
    ("vat_id", &["ustidnr", "ustid", "umsatzsteuerid", "vatid", "vat", "vatnumber", "vatno"]),
    ("reseller", &["wiederverkaeufer", "reseller"]),
    ("domain", &["domain", "domainname", "domaene"]),
];

/// A column's title as its letters and digits, umlauts spelt out.
#[must_use]
pub fn fold(header: &str) -> String {
    header
        .chars()
        .flat_map(char::to_lowercase)
        .flat_map(|c| match c {
            'ä' => vec!['a', 'e'],
            'ö' => vec!['o', 'e'],
            'ü' => vec!['u', 'e'],
            'ß' => vec!['s', 's'],
            c if c.is_alphanumeric() => vec![c],
            _ => vec![],
        })
        .collect()
}

/// What stands between the columns, by the first line.
#[must_use]
pub fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |s: &u8| first.bytes().filter(|b| b == s).count();
    // Ties go to the semicolon: the last of the largest is taken.
    [b'\t', b',', b';'].into_iter().max_by_key(count).unwrap_or(b';')
}

/// Counts the lines at which records begin, from 1: the reader's own numbers are one too small where lines end with CR LF, while
/// its octets are exact. Each octet is looked at once.
pub struct Lines<'t> {
    text: &'t str,
    counted: usize,
    newlines: u32,
}

impl<'t> Lines<'t> {
    /// None counted yet.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, counted: 0, newlines: 0 }
    }

    /// Line and first octet of the record at that position; records come in their order.
    pub fn at(&mut self, position: Option<&csv::Position>) -> (u32, usize) {
        let bytes = self.text.as_bytes();
        let mut start = position.and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(self.counted);
        while matches!(bytes.get(start), Some(b'\r' | b'\n')) {
            start += 1;
        }
        let passed = bytes.get(self.counted..start).unwrap_or_default();
        self.newlines += u32::try_from(passed.iter().filter(|b| **b == b'\n').count()).unwrap_or(0);
        self.counted = self.counted.max(start);
        (self.newlines + 1, start)
    }
}

impl<'t> Table<'t> {
    /// Finds the separator and the columns; says what is missing.
    fn open(file: &'static str, text: &'t str, needs: &[&str]) -> Result<Self, String> {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(separator(text)).flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
        let mut columns = HashMap::new();
        for (at, title) in header.iter().enumerate() {
            let folded = fold(title);
            if let Some((column, _)) = COLUMNS.iter().find(|(_, names)| names.contains(&folded.as_str())) {
                columns.entry(*column).or_insert(at);
            }
        }
        match needs.iter().find(|n| !columns.contains_key(**n)) {
            Some(missing) => {
                let names =
                    COLUMNS.iter().find(|(c, _)| c == missing).and_then(|(_, n)| n.first()).copied().unwrap_or(missing);
                Err(format!("the header has no column {names}; it has: {}", text::shown(&header.join(", "))))
            }
            None => Ok(Self { file, text, columns, header, reader }),
        }
    }

    /// Titles of columns that nothing here reads.
    fn unread(&self) -> Vec<&str> {
        let known: Vec<usize> = self.columns.values().copied().collect();
        self.header
            .iter()
            .enumerate()
            .filter(|(i, t)| !known.contains(i) && !t.trim().is_empty())
            .map(|(_, t)| t.as_str())
            .collect()
    }

    /// Gives every line to `row`, which says why it refuses it.
    fn rows(mut self, papers: &mut Papers, mut row: impl FnMut(&mut Papers, &Fields<'_>, u32) -> Result<(), String>) {
        let unread = self.unread().join(", ");
        if !unread.is_empty() {
            let reason = format!("these columns are not read: {}", text::shown(&unread));
            papers.refused.push(refusal(self.file, Some(1), reason, self.header.join(";").as_bytes()));
        }
        let mut record = csv::StringRecord::new();
        let mut lines = Lines::new(self.text);
        loop {
            let result = self.reader.read_record(&mut record);
            let position = match &result {
                Ok(false) => return,
                Ok(true) => record.position(),
                Err(error) => error.position(),
            };
            let (line, start) = lines.at(position);
            let reason = match result {
                Err(error) => error.to_string(),
                // A line of separators is how spreadsheets write an empty one.
                Ok(_) if record.iter().all(|f| f.trim().is_empty()) => continue,
                Ok(_) => {
                    let fields = Fields { table: &self.columns, header: &self.header, record: &record };
                    match fields.check().and_then(|()| row(papers, &fields, line)) {
                        Ok(()) => continue,
                        Err(reason) => reason,
                    }
                }
            };
            let end = usize::try_from(self.reader.position().byte()).unwrap_or(start).max(start);
            let raw = self.text.as_bytes().get(start..end).unwrap_or_default();
            papers.refused.push(refusal(self.file, Some(line), reason, raw));
        }
    }
}

struct Fields<'r> {
    table: &'r HashMap<&'static str, usize>,
    header: &'r [String],
    record: &'r csv::StringRecord,
}

impl Fields<'_> {
    fn check(&self) -> Result<(), String> {
        for (at, field) in self.record.iter().enumerate() {
            if let Some(fault) = text::fault(field) {
                let title = self.header.get(at).map_or_else(|| format!("column {}", at + 1), |h| text::shown(h));
                return Err(format!("{title} {fault}"));
            }
        }
        // A separator at the end of the line makes an empty field more, which says nothing.
        if self.record.iter().skip(self.header.len()).any(|f| !f.trim().is_empty()) {
            return Err(format!("the line has {} fields, the header {}", self.record.len(), self.header.len()));
        }
        Ok(())
    }

    fn get(&self, column: &str) -> String {
        self.table.get(column).and_then(|at| self.record.get(*at)).map(|f| f.trim().to_owned()).unwrap_or_default()
    }

    fn optional(&self, column: &str) -> Option<String> {
        Some(self.get(column)).filter(|text| !text.is_empty())
    }
}

pub(super) fn read(files: &PaperFiles, papers: &mut Papers) {
    if let Some(bytes) = files.get(CUSTOMERS) {
        let text = text::decode(bytes);
        match Table::open(CUSTOMERS, &text, &["number"]) {
            Ok(table) => customers(table, papers),
            Err(reason) => papers.refused.push(refusal(CUSTOMERS, Some(1), reason, bytes)),
        }
    }
    if let Some(bytes) = files.get(DOMAINS) {
        let text = text::decode(bytes);
        match Table::open(DOMAINS, &text, &["domain"]) {
            Ok(table) => domains(table, papers),
            Err(reason) => papers.refused.push(refusal(DOMAINS, Some(1), reason, bytes)),
        }
    }
}

fn customers(table: Table<'_>, papers: &mut Papers) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    table.rows(papers, |papers, fields, line| {
        let number = fields.get("number");
        if number.is_empty() {
            return Err("the customer number is empty".to_owned());
        }
        if number.chars().count() > 40 {
            return Err("the customer number has more than 40 characters".to_owned());
        }
        let email = fields.get("email");
        if !email.is_empty()
            && let Err(error) = EmailAddress::parse(&email)
        {
            return Err(format!("E-Mail `{}`: {error}", text::shown(&email)));
        }
        if let Some(first) = seen.get(&number.to_lowercase()) {
            return Err(format!("customer {} stands already on line {first}", text::shown(&number)));
        }
        seen.insert(number.to_lowercase(), line);
        let row = PaperCustomer {
            number,
            company: fields.get("company"),
            contact: fields.get("contact"),
            street: fields.get("street"),
            postcode: fields.get("postcode"),
            city: fields.get("city"),
            country: fields.get("country"),
            email,
            vat_id: fields.get("vat_id"),
            reseller: fields.optional("reseller"),
        };
        papers.customers.push(Sourced { row, file: CUSTOMERS.to_owned(), line });
        Ok(())
    });
}

fn domains(table: Table<'_>, papers: &mut Papers) {
    let mut seen: HashMap<String, u32> = HashMap::new();
    table.rows(papers, |papers, fields, line| {
        let text = fields.get("domain");
        let name = DomainName::parse(&text).map_err(|error| format!("Domain `{}`: {error}", text::shown(&text)))?;
        if let Some(first) = seen.get(name.as_str()) {
            return Err(format!("{name} stands already on line {first}"));
        }
        seen.insert(name.as_str().to_owned(), line);
        let row = PaperDomain {
            name: name.as_str().to_owned(),
            customer: fields.optional("number"),
            reseller: fields.optional("reseller"),
        };
        papers.domains.push(Sourced { row, file: DOMAINS.to_owned(), line });
        Ok(())
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_tables(customers: &[u8], domains: &str) -> Papers {
        let mut files = PaperFiles::default();
        files.all.insert(CUSTOMERS.to_owned(), customers.to_vec());
        files.all.insert(DOMAINS.to_owned(), domains.as_bytes().to_vec());
        let mut papers = Papers::default();
        read(&files, &mut papers);
        papers
    }

    #[test]
    fn german_and_english_tables_in_old_and_new_encoding() {
        let papers = read_tables(
            b"Kundennr;Firma;Ansprechpartner;Stra\xdfe;PLZ;Ort;Land;E-Mail;USt-IdNr;Wiederverk\xe4ufer\r\n\
              K1;\"B\xe4ckerei; M\xfchle\";Eva;Weg 1;91054;Erlangen;DE;e@a.de;DE1;R1\r\n;;;;;;;;;\r\n",
            "customer number;domain;reseller\nK1;Bäckerei.DE;\n",
        );
        assert!(papers.refused.is_empty(), "{:?}", papers.refused);
        let customer = &papers.customers[0].row;
        assert_eq!((customer.company.as_str(), customer.street.as_str()), ("Bäckerei; Mühle", "Weg 1"));
        assert_eq!(customer.reseller.as_deref(), Some("R1"));
        assert_eq!(papers.domains[0].row.name, "xn--bckerei-5wa.de");
        assert_eq!(papers.domains[0].row.reseller, None);
    }

    #[test]
    fn bad_lines_are_refused_with_their_reason_and_kept() {
        let papers = read_tables(
            "Kundennr;Firma;E-Mail\nK1;a;\nk1;b;\n;c;\nK2;\"x\ny\";\nK3;z;nomail\nK4;d;;;x;\nK5;\u{202e}x;\n"
                .as_bytes(),
            "Domain;Kundennr\na.de;K1\nA.DE.;K2\n../x;K1\n",
        );
        let told: Vec<_> = papers.refused.iter().map(|r| (r.line.unwrap(), r.reason.as_str())).collect();
        assert_eq!(
            told,
            [
                (3, "customer k1 stands already on line 2"),
                (4, "the customer number is empty"),
                (5, "Firma holds a line break"),
                (7, "E-Mail `nomail`: the address has no @"),
                (8, "the line has 6 fields, the header 3"),
                (9, "Firma holds an invisible character"),
                (3, "a.de stands already on line 2"),
                (4, "Domain `../x`: the domain name has an empty label"),
            ]
        );
        assert_eq!(papers.refused[2].raw, b"K2;\"x\ny\";\n");
    }

    #[test]
    fn a_table_without_its_column_says_which() {
        let papers = read_tables(b"Foo;Bar\n1;2\n", "Domain\n");
        assert_eq!(papers.refused[0].reason, "the header has no column kundennr; it has: Foo, Bar");
    }
}
