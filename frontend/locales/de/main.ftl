# Hostler auf Deutsch.
nav-overview = Übersicht
nav-customers = Kunden
nav-domains = Domains
nav-homepages = Homepages
nav-mail = E-Mail
nav-import = Papiere übernehmen
nav-reconciliation = Abgleich
areas = Bereiche
menu = Menü
crumbs = Wo Sie sind
skip = Zum Inhalt
search = Suche
search-placeholder = Domain, Eintrag, Adresse …
logout = Abmelden
login = Anmelden
login-email = E-Mail-Adresse
login-password = Passwort
login-submit = Anmelden
login-first-run = Es gibt noch keinen Zugang. Legen Sie auf dem Server den ersten an:
login-wrong = Adresse oder Passwort stimmen nicht.
login-wait = Zu viele Fehlversuche. Bitte warten Sie { $seconds } Sekunden.
form-errors = Bitte prüfen Sie:
error-number = Nummer dieses Fehlers:
error-not-found = Nicht gefunden
error-not-found-text = Unter dieser Adresse gibt es nichts, oder es ist nicht für Sie bestimmt.
error-internal = Das hat nicht geklappt
error-internal-text = Hier ist etwas schiefgegangen, das Sie nicht verursacht haben. Es wurde nichts geändert. Versuchen Sie es noch einmal; bleibt es dabei, nennen Sie uns die Nummer.
error-origin = Die Anfrage kam von einer anderen Seite
error-origin-text = Zur Sicherheit wurde sie nicht ausgeführt. Öffnen Sie die Seite neu und versuchen Sie es noch einmal.
error-stale = Jemand war schneller
error-stale-text = Die Zone wurde geändert, seit Sie die Seite geöffnet haben. Unten steht der neue Stand; Ihre Eingabe steht noch im Formular.
error-too-large = Zu groß
error-too-large-text = Die Anfrage ist größer, als hier angenommen wird. Es wurde nichts geändert.
error-bad-request = Die Anfrage ist unvollständig
error-bad-request-text = Dem Formular fehlt etwas, oder es war nicht für diese Seite.
error-forbidden = Das darf diese Anmeldung nicht
error-forbidden-text = Ihre Rolle erlaubt diese Änderung nicht.
filter-apply = Anwenden
filter-reset = Filter aufheben
all = alle
pages = Seiten
page-back = zurück
page-next = weiter
hits = { $n } Treffer
empty-list = Noch nichts da.
empty-filtered = Kein Treffer. Suchen Sie nach weniger, oder heben Sie die Filter auf:
what-is-there = Was da ist
what-is-wrong = Was nicht stimmt
what-happened = Zuletzt geschehen
nothing-wrong = Alles passt zusammen.
start-here = Hier beginnt es
start-here-text = Übernehmen Sie die Papiere des alten Systems: Kundenliste, Domainliste, Zonen, vHosts, Postfächer. Es wird zuerst nur ein Plan gezeigt.
start-import = Papiere hochladen
tile-customers = Kunden
tile-domains = Domains
tile-zones = Zonen
tile-homepages = Homepages
tile-mailboxes = Postfächer
tile-aliases = Weiterleitungen
tile-mail-bytes = E-Mail
wrong-zones-errors = Zonen mit Fehlern
wrong-zones-unserved = Zonen, die kein Nameserver laden würde
wrong-zones-changed = Zonen mit unveröffentlichten Änderungen
wrong-refusals = Unlesbares aus den Papieren
col-when = Wann
col-who = Wer
col-action = Was
col-thing = Woran
col-number = Nummer
col-company = Firma
col-contact = Ansprechpartner
col-city = Ort
col-email = E-Mail
col-reseller = Wiederverkäufer
col-domains = Domains
col-name = Name
col-customer = Kunde
col-zone = Zone
col-records = Einträge
col-serial = Serial
col-kind = Art
col-root = Verzeichnis oder Ziel
col-aliases = Weitere Namen
col-source = Quelle
col-address = Adresse
col-targets = Ziele
col-scheme = Passwort
col-size = Größe
col-files = Dateien
col-owner = Name
col-type = Typ
col-data = Wert
col-state = Stand
col-file = Datei
col-reason = Grund
col-problem = Problem
col-kept = aufbewahrt
col-version = Version
col-note = Anmerkung
col-street = Straße
col-postcode = PLZ
col-country = Land
col-vat = USt-IdNr.
line = Zeile
zone-state-fine = veröffentlicht
zone-state-changed = geändert
zone-state-unserved = nicht ausgeliefert
zone-state-none = keine Zone
zone-state-errors = mit Fehlern
zone-state-warnings = mit Hinweisen
n-errors = { $n } Fehler
n-warnings = { $n ->
    [one] { $n } Hinweis
   *[other] { $n } Hinweise
 }
customer-unknown = { $number } (unbekannt)
in-records = Auch in Einträgen suchen
found-records = Einträge mit diesem Text
kind-static = Dateien
kind-php = PHP
kind-redirect = Umleitung
kind-proxy = Proxy
kind-mailbox = Postfach
kind-alias = Weiterleitung
kind-catchall = Sammeladresse
no-password = ohne Passwort
serial = Serial
tabs = Seiten der Zone
tab-records = Einträge
tab-text = Als Text
tab-publish = Veröffentlichen
tab-versions = Versionen
findings = Was die Prüfung sagt
record-new = Neuer Eintrag
record-edit = Eintrag ändern
record-add = Eintrag vormerken
record-save = Änderung vormerken
record-delete = Löschen:
record-noted = Vorgemerkt. Ausgeliefert wird es mit dem Veröffentlichen.
cancel = Abbrechen
owner-help = @ für die Domain selbst, www für einen Namen darin, mit Punkt am Ende für einen vollen Namen.
ttl-help = Sekunden, oder 1h, 1d; leer: wie der SOA-Eintrag.
type-help-mx = Vorrang und Mailserver, etwa: 10 mail.example.de.
type-help-txt = Der Text; lange Texte werden von selbst geteilt.
type-help-srv = Vorrang, Gewicht, Port, Ziel: 0 5 993 mail.example.de.
type-help-caa = Etwa: 0 issue "letsencrypt.org"
zone-text-label = Zone als Text
zone-text-save = Text vormerken
zone-text-fine = ● Nichts zu beanstanden.
type-unknown = `{ $type }` ist kein Eintragstyp.
publish-nothing = Es gibt nichts zu veröffentlichen: die Einträge sind so, wie sie ausgeliefert werden.
publish-note = Anmerkung
publish-note-help = Warum; steht später bei der Version.
publish-submit = { $n ->
    [one] { $n } Änderung veröffentlichen
   *[other] { $n } Änderungen veröffentlichen
 }
publish-discard = Änderungen verwerfen
publish-stopped = Mit Fehlern wird nicht veröffentlicht. Beheben Sie zuerst:
published = Veröffentlicht als Version { $number } mit Serial { $serial }.
discarded = Verworfen. Die Einträge sind wieder so, wie sie ausgeliefert werden.
diff = Unterschiede
diff-added = neu
diff-removed = entfernt
diff-changed = geändert
diff-none = Kein Unterschied.
compare = Vergleichen
compare-from = von
compare-to = mit
compared = Von Version { $from } zu Version { $to }
version-text = Text
versions-none = Noch nicht veröffentlicht.
imports = Übernahmen
import-upload = Archiv hochladen
import-upload-text = Ein Zip oder Tar mit customers.csv, domains.csv, dns/, web/sites-enabled/ und mail/. Fehlende Papiere sind kein Fehler. Es wird zuerst nur ein Plan gemacht.
import-file = Archiv
import-file-help = Höchstens { $mb } MB.
import-submit = Plan machen
import-running = Die Seite lädt sich von selbst neu.
import-apply = { $n ->
    [one] { $n } Eintrag übernehmen
   *[other] { $n } Einträge übernehmen
 }
import-nothing = Nichts zu tun: alles ist so, wie die Papiere es sagen.
import-no-file = Wählen Sie ein Archiv aus.
import-too-large = Das Archiv ist größer als { $mb } MB.
import-noted = Hochgeladen. Der Plan wird gemacht.
import-cancel = Abbrechen
import-cancelled = Abgebrochen. Es wurde nichts übernommen.
import-applying = Die Übernahme läuft.
plan = Plan
plan-create = neu
plan-update = geändert
plan-identical = gleich
plan-conflict = Konflikte
plan-refused = Nicht lesbar
state-reading = wird gelesen
state-planned = geplant
state-applied = übernommen
state-failed = gescheitert
job-import-plan = Papiere lesen
job-import-apply = Papiere übernehmen
job-reconcile = Abgleichen
action-import = Papiere übernommen
action-edit-record = Eintrag geändert
action-add-record = Eintrag ergänzt
action-delete-record = Eintrag gelöscht
action-edit-text = Zone als Text geändert
action-publish = Zone veröffentlicht
action-discard = Änderungen verworfen
kept = Aufbewahrt, weil nicht lesbar
kept-text = Nichts davon ist verloren: laden Sie es herunter, berichtigen Sie es in den Papieren und übernehmen Sie noch einmal.
problem-zone-not-served = Zone wird nicht ausgeliefert
problem-zone-not-served-text = { $detail } Fehler; ein Nameserver würde die Zone ablehnen oder Einträge verlieren.
problem-mailbox-mx-elsewhere = Postfach, dessen MX woanders ist
problem-mailbox-mx-elsewhere-text = Der MX ist { $detail }; neue Mail kommt hier nicht an.
problem-mailbox-without-mx = Postfach ohne MX
problem-mailbox-without-mx-text = Für { $detail } gibt es hier weder MX noch Adresse.
problem-alias-loop = Weiterleitung im Kreis
problem-alias-loop-text = { $detail }
problem-alias-target-missing = Weiterleitung ins Leere
problem-alias-target-missing-text = { $detail } gibt es hier nicht.
problem-mailbox-and-alias = Postfach und Weiterleitung zugleich
problem-mailbox-and-alias-text = Die Weiterleitung an { $detail } verdeckt das Postfach.
problem-customer-unknown = Kunde unbekannt
problem-customer-unknown-text = Die Kundennummer { $detail } steht nicht in der Kundenliste.
problem-vhost-without-zone = vHost ohne Zone
problem-vhost-without-zone-text = Name der Homepage { $detail }; hier gibt es keine Zone dafür.
problem-zone-without-customer = Zone ohne Kunden
problem-zone-without-customer-text = Die Domain steht bei keinem Kunden.
problem-zone-with-errors = Zone mit Fehlern
problem-zone-with-errors-text = { $detail } Fehler; sie wird trotzdem ausgeliefert, wie bisher.
problem-domain-without-zone = Domain ohne Zone
problem-domain-without-zone-text = Die Domain steht in der Liste, aber es gibt keine Zone.
problem-mailbox-without-password = Postfach ohne Passwort
problem-mailbox-without-password-text = Es steht in vmailbox, aber nicht in passwd.
problem-mailbox-without-path = Postfach ohne Ablage
problem-mailbox-without-path-text = Es steht in passwd, aber nicht in vmailbox.
# Arguments stand in square brackets: the same text is filled in by the browser.
lint-no-soa = Die Zone hat keinen SOA-Eintrag.
lint-several-soa = Die Zone hat [0] verschiedene SOA-Einträge.
lint-soa-elsewhere = Ein SOA-Eintrag steht unterhalb der Domain.
lint-no-ns = Die Zone hat keinen NS-Eintrag für sich selbst.
lint-out-of-zone = [0] gehört nicht in diese Zone; Nameserver übergehen es oder lehnen die Zone ab.
lint-cname-and-other = [0] hat einen CNAME neben anderen Einträgen ([1]).
lint-several-cnames = [0] hat [1] CNAME-Einträge, erlaubt ist einer.
lint-several-dnames = [0] hat [1] DNAME-Einträge, erlaubt ist einer.
lint-ds-at-apex = Ein DS-Eintrag steht bei der Domain selbst; er gehört in die Zone darüber.
lint-digest-length = Der Fingerabdruck des [0]-Eintrags hat [1] Oktette, seine Art hat [2].
lint-set-too-large = Die [1]-Einträge von [0] haben zusammen [2] Oktette, mehr als in eine Antwort passen.
lint-wildcard-ns = Ein Platzhalter kann nicht delegiert werden.
lint-target-is-cname = Zeigt auf [0], und das ist ein CNAME.
lint-target-is-address = [1] zeigt auf [0]; das ist eine Adresse und kein Name.
lint-target-missing = [1] zeigt auf [0], wofür es in dieser Zone keine Adresse gibt.
lint-ns-without-address = Der Nameserver [0] hat in dieser Zone keine Adresse.
lint-missing-glue = Der Nameserver [0] der Delegation liegt darunter und hat keine Adresse (Glue).
lint-below-dname = [0] liegt unter dem DNAME von [1] und kann nicht bestehen.
lint-relative-slip = [1] zeigt auf [0]: der Punkt am Ende fehlt, darum wurde die Domain angehängt.
lint-spf-several = [0] hat [1] SPF-Einträge; Empfänger beachten dann keinen.
lint-spf-lookups = Der SPF-Eintrag braucht mindestens [0] DNS-Abfragen, erlaubt sind 10.
lint-null-mx-and-other = [0] hat einen leeren MX („0 .“) neben anderen.
lint-spf-syntax = Der SPF-Eintrag ist bei „[0]“ nicht lesbar.
lint-spf-ptr = Der SPF-Eintrag benutzt ptr, das nicht mehr benutzt werden darf.
lint-spf-type = Einträge vom Typ SPF liest niemand mehr; nehmen Sie TXT.
lint-dmarc-syntax = Der DMARC-Eintrag ist bei „[0]“ nicht lesbar.
lint-dmarc-several = [0] hat [1] DMARC-Einträge; Empfänger beachten dann keinen.
lint-dkim-syntax = Der DKIM-Schlüssel ist nicht lesbar: [0]
lint-mta-sts-syntax = Der MTA-STS-Eintrag ist nicht lesbar: [0]
lint-tlsrpt-syntax = Der TLS-RPT-Eintrag ist nicht lesbar: [0]
lint-text-cut = Der Text endet an einem Strichpunkt ohne Anführungszeichen in Zeile [0]; was folgt, ist verloren.
lint-below-delegation = [0] liegt an oder unter der Delegation von [1] und wird nie beantwortet.
lint-ds-without-ns = Ein DS-Eintrag steht, wo nichts delegiert ist.
lint-relative-slip-owner = [0] enthält die Domain zweimal: wahrscheinlich fehlt der Punkt am Ende.
lint-ttl-differs = Die [1]-Einträge von [0] haben verschiedene TTL; es gilt die erste.
lint-duplicate = Derselbe [1]-Eintrag steht zweimal bei [0].
lint-underscore-host = [0] ist kein Rechnername: nur Buchstaben, Ziffern und Bindestriche.
lint-soa-profile = SOA [0] ist [1], die Registrierungsstelle von .[4] will [2] bis [3].
lint-ttl-long = Die TTL von [0] Sekunden ist länger als eine Woche: Änderungen werden spät gesehen.
nav-my-domains = Meine Domains
nav-logins = Zugänge
nav-audit = Protokoll
nav-account = Mein Konto
nav-help = Handbuch
account-pages = Seiten des Kontos
account-tab = Passwort und Adresse
security-tab = Zweiter Faktor
acting-looks = Sie sehen das Panel mit den Augen von { $name }. Änderungen sind gesperrt.
acting-writes = Sie handeln für { $name }. Jede Änderung steht mit Ihrem Namen im Protokoll.
acting-end = Beenden
acting-take-over = Änderungen erlauben
address-change = Adresse ändern
address-new = Neue Adresse
address-help = Wir schreiben an beide Adressen; erst wenn beide zugestimmt haben, gilt die neue.
address-submit = Bestätigung anfordern
address-asked = Wir haben an beide Adressen geschrieben. Die Links gelten eine Stunde.
address-taken = Diese Adresse gehört inzwischen zu einem anderen Zugang.
audit-from = von
audit-until = bis
audit-none = Noch nichts geschehen.
audit-undo = Diese Änderung zurücknehmen
audit-undone = zurückgenommen
audit-via = { $actor } ({ $via })
col-actions = Rechte
col-began = angemeldet
col-browser = Browser
col-ends = gilt bis
col-from = von wo
col-made = eingerichtet
col-networks = Netze
col-role = Rolle
col-used = zuletzt benutzt
col-request = Anfrage
error-conflict = Das geht nicht mehr
error-conflict-text = Inzwischen hat sich etwas geändert, oder es betrifft Ihren eigenen Zugang. Es wurde nichts geändert.
error-invalid = Etwas stimmt nicht
error-invalid-text = Ein Wert wird hier nicht angenommen. Es wurde nichts geändert.
error-login = Bitte melden Sie sich an
error-login-text = Ohne gültige Anmeldung gibt es hier nichts zu sehen.
error-method = So geht es hier nicht
error-method-text = Diese Adresse nimmt diese Art von Anfrage nicht an.
error-read-only = Nur ansehen
error-read-only-text = Sie sehen das Panel mit den Augen eines Kunden, und Änderungen sind gesperrt. Erlauben Sie sie oben auf der Seite, oder beenden Sie die Ansicht; das eigene Konto bleibt so lange zu.
error-stale-plain = Es wurde geändert, seit Sie die Seite geöffnet haben. Öffnen Sie sie neu; es wurde nichts überschrieben.
error-too-many = Zu viele Versuche
error-too-many-text = Bitte warten Sie eine Weile und versuchen Sie es dann noch einmal.
error-unconditional = Der Stand fehlt
error-unconditional-text = Sagen Sie mit If-Match, auf welchem Stand die Änderung beruht.
invite = Einladen
invite-submit = Einladung senden
invite-sent = Die Einladung ist unterwegs.
invited = Eingeladen
reseller-help = Nur für die Rolle Wiederverkäufer: dessen Nummer.
link-invite = Willkommen
link-reset = Neues Passwort
link-address = Adresse bestätigen
link-address-text = Statt { $old } soll künftig { $new } gelten.
link-address-confirm = Bestätigen
link-address-half = Danke. Sobald auch die andere Adresse bestätigt ist, gilt die Änderung.
link-address-done = Die neue Adresse gilt ab sofort.
link-gone = Dieser Link gilt nicht mehr
link-gone-text = Er wurde schon benutzt, ist zu alt, oder inzwischen wurde ein neuer geschickt.
login-forgotten = Passwort vergessen?
login-disable = Abschalten
login-enable = Einschalten
login-on = aktiv
login-off = abgeschaltet
login-saved = Gespeichert.
logins-none = Noch keine Zugänge.
logins-of = Zugänge von { $name }
role-admin = Verwaltung
role-operator = Technik
role-billing = Abrechnung
role-reseller = Wiederverkäufer
role-owner = Inhaber
role-member = Mitarbeiter
role-payer = Nur Rechnungen
mail-state-waiting = wartet
mail-state-sent = gesendet
mail-state-failed = nicht zustellbar
mail-state-bounced = zurückgekommen
no-public-url = Die Einstellung http.public_url fehlt; ohne sie können keine Links verschickt werden.
mail-invite-subject = Ihr Zugang zum Hosting-Panel
mail-reset-subject = Neues Passwort
mail-address-subject = Änderung Ihrer Adresse
passkeys = Passkeys
passkey-add = Passkey einrichten
passkey-name = Name des Geräts
passkey-remove = Entfernen
passkey-removed = Der Passkey gilt nicht mehr.
passkey-text = Ein Gerät oder ein Sicherheitsschlüssel statt eines Codes.
passkey-use = Mit Passkey bestätigen
passkey-failed = Das hat nicht geklappt. Versuchen Sie es noch einmal.
passkey-impossible = Hier nicht möglich: Passkeys brauchen eine öffentliche Adresse mit https (Einstellung http.public_url).
password-change = Passwort ändern
password-changed = Das Passwort ist geändert; alle anderen Sitzungen sind beendet.
password-current = Jetziges Passwort
password-new = Neues Passwort
password-help = Mindestens 12 Zeichen; am besten mehrere Wörter, die nicht zusammengehören.
password-set = Passwort setzen
password-short = Das Passwort hat weniger als 12 Zeichen.
password-long = Das Passwort ist länger als 1000 Zeichen.
password-weak = Das Passwort ist leicht zu erraten. Nehmen Sie mehrere Wörter, die nicht zusammengehören.
password-busy = Im Augenblick nicht möglich. Bitte versuchen Sie es gleich noch einmal.
password-wrong = Das jetzige Passwort stimmt nicht.
password-was-set = Das Passwort ist gesetzt. Melden Sie sich damit an.
recovery = Wiederherstellungscodes
recovery-left = { $n ->
    [one] { $n } Code ist noch übrig. Er gilt einmal, wenn das Gerät fehlt.
   *[other] { $n } Codes sind noch übrig. Jeder gilt einmal, wenn das Gerät fehlt.
 }
recovery-renew = Neue Codes erzeugen
recovery-text = Bewahren Sie diese Codes sicher auf: Sie werden nur jetzt gezeigt. Jeder gilt einmal.
recovery-done = Ich habe sie notiert
reset = Passwort vergessen
reset-text = Wir schicken Ihnen einen Link, mit dem Sie ein neues setzen. Er gilt eine Stunde.
reset-submit = Link anfordern
reset-sent = Wenn es zu dieser Adresse einen Zugang gibt, ist der Link unterwegs.
restored = Der alte Stand ist vorgemerkt. Ausgeliefert wird er, sobald Sie veröffentlichen.
save = Speichern
second = Zweiter Faktor
second-code = Code
second-help = Die sechs Ziffern der App, oder ein Wiederherstellungscode.
second-help-recovery = Ein Wiederherstellungscode, wenn der Passkey fehlt.
second-required = Für Ihre Rolle ist ein zweiter Faktor Pflicht. Richten Sie ihn ein, dann geht es weiter.
second-wrong = Der Code stimmt nicht oder wurde schon benutzt.
sessions-tab = Sitzungen
session-this = diese
session-end = Beenden
session-ended = Beendet.
sessions-end-others = Alle anderen beenden
tokens-tab = Tokens
tokens-none = Noch keine Tokens.
token-new = Neues Token
token-create = Token erzeugen
token-days = Tage, die es gilt
token-made = Das ist Ihr Token. Es wird nur jetzt gezeigt:
token-networks-help = Leer: von überall. Sonst Adressen oder Netze, durch Leerzeichen getrennt: 192.0.2.0/24
token-revoke = Widerrufen
token-revoked = Das Token gilt nicht mehr.
totp = Codes aus einer App
totp-off = Eine App auf dem Telefon zeigt alle 30 Sekunden sechs neue Ziffern.
totp-on = Eingerichtet.
totp-begin = Einrichten
totp-scan = Lesen Sie das Bild mit der App ein, und geben Sie den Code ein, den sie zeigt.
totp-qr = QR-Code für die App
totp-secret = Oder tippen Sie den Schlüssel ab:
totp-confirm = Code prüfen
totp-disable = Abschalten
totp-disabled = Die Codes sind abgeschaltet.
undo = Rückgängig
undone = Zurückgenommen.
version-restore = Wiederherstellen
may-customers-read = Kunden ansehen
may-customers-edit = Kunden ändern
may-customers-view-as = Mit Kundenaugen sehen
may-hosting-read = Domains, Homepages und Postfächer ansehen
may-zones-edit = Zonen ändern und veröffentlichen
may-papers-read = Importe und Abgleich ansehen
may-papers-import = Papiere übernehmen
may-audit-read = Protokoll ansehen
may-logins-read = Zugänge ansehen
may-logins-manage = Zugänge verwalten
may-staff-manage = Zugänge des Hauses verwalten
job-mail-send = Mails senden
job-reset-password = Passwort-Link
action-set-password = Passwort gesetzt
action-reset-password = Passwort per Link gesetzt
action-accept-invite = Einladung angenommen
action-invite = Eingeladen
action-edit-login = Zugang geändert
action-enable-login = Zugang eingeschaltet
action-disable-login = Zugang abgeschaltet
action-ask-address = Adressänderung angefragt
action-change-address = Adresse geändert
action-enable-totp = Codes eingerichtet
action-disable-totp = Codes abgeschaltet
action-use-recovery-code = Wiederherstellungscode benutzt
action-renew-recovery = Neue Wiederherstellungscodes
action-add-passkey = Passkey eingerichtet
action-remove-passkey = Passkey entfernt
action-create-token = Token erzeugt
action-revoke-token = Token widerrufen
action-view-as = Mit Kundenaugen
action-view-as-take-over = Für den Kunden gehandelt
action-view-as-end = Kundenansicht beendet
action-restore = Version wiederhergestellt
action-undo = Zurückgenommen
mail-invite =
    Guten Tag { $name },

    { $who } hat für Sie einen Zugang zum Hosting-Panel angelegt.
    Setzen Sie hier Ihr Passwort; der Link gilt sieben Tage:

    { $link }

    Haben Sie nichts damit zu tun, dann löschen Sie diese Mail einfach.
mail-invite-taken =
    Guten Tag { $name },

    { $who } wollte für Sie einen Zugang zum Hosting-Panel anlegen.
    Zu dieser Adresse gibt es aber schon einen. Nennen Sie eine andere,
    wenn Sie einen zweiten brauchen.
mail-reset =
    Guten Tag,

    jemand hat für Ihren Zugang zum Hosting-Panel ein neues Passwort verlangt.
    Setzen Sie es hier; der Link gilt eine Stunde und nur einmal:

    { $link }

    Waren Sie es nicht, dann ist nichts zu tun: Das alte Passwort gilt weiter.
mail-address-old =
    Guten Tag,

    Ihr Zugang { $old } zum Hosting-Panel soll künftig { $new } heißen.
    Bestätigen Sie es hier; der Link gilt eine Stunde:

    { $link }

    Waren Sie es nicht, dann ändern Sie bitte gleich Ihr Passwort.
mail-address-new =
    Guten Tag,

    der Zugang { $old } zum Hosting-Panel soll künftig diese Adresse haben: { $new }.
    Bestätigen Sie es hier; der Link gilt eine Stunde:

    { $link }
customer-edit = Daten ändern
view-as = Mit Kundenaugen sehen
action-edit-customer = Kunde geändert
api-text = Die API für Automaten: mit einem Token (Mein Konto › Tokens) im Kopf Authorization: Bearer. Listen: q, Filter, sort, limit, cursor, format=csv. Änderungen: If-Match mit dem gelesenen ETag.
action-clear-factors = Zweite Faktoren entfernt
action-create-login = Zugang angelegt
search-none = Nichts gefunden. Gesucht wird in Kunden, Domains, Adressen und Einträgen.
may-zones-bulk = Viele Zonen auf einmal ändern
job-zones-bulk = Zonen ändern
action-bulk-zones = Viele Zonen geändert
bulk = Viele Zonen ändern
bulk-matching = Diese Zonen ändern …
bulk-zones = { $n ->
    [one] { $n } Zone passt.
   *[other] { $n } Zonen passen.
 }
bulk-replace = Adresse zieht um
bulk-ttl = TTL setzen
bulk-add = Eintrag ergänzen
bulk-from = Alte Adresse
bulk-to = Neue Adresse
bulk-type-help = Leer: alle Einträge.
bulk-owner-help = @ für die Domain selbst, sonst ein Name darin.
bulk-publish = Gleich veröffentlichen
bulk-preview = Vorschau
bulk-sum = Zonen, die sich ändern: { $changing }; bei denen es nicht geht: { $refused }; die bleiben, wie sie sind: { $untouched }.
bulk-submit = { $n ->
    [one] { $n } Zone ändern
   *[other] { $n } Zonen ändern
 }
bulk-more = { $n ->
    [one] … und eine weitere.
   *[other] … und { $n } weitere.
 }
bulk-undo = Alles zurücknehmen
facets = Auswahl
outcome-changed = vorgemerkt
outcome-published = veröffentlicht
outcome-unchanged = unverändert
outcome-refused = abgelehnt
job-state-running = läuft
job-state-done = fertig
job-state-failed = gescheitert
job-state-cancelled = abgebrochen
zone-new = Neue Zone
zone-create = Zone anlegen
zone-made = Die Zone ist angelegt. Ausgeliefert wird sie, sobald Sie veröffentlichen.
templates = Vorlagen
template = Vorlage
template-new = Neue Vorlage
template-text = Text der Zone
template-help = Wie eine Zonendatei; was je Zone anders ist, steht als Variable da, etwa ipv4 in doppelten geschweiften Klammern.
customer-number = Kundennummer
customer-number-help = Leer: Die Domain gehört noch niemandem.
may-zones-create = Zonen und Vorlagen anlegen
action-create-zone = Zone angelegt
action-save-template = Vorlage gespeichert
views = Gemerkte Ansichten
view-name = Name der Ansicht
view-keep = Ansicht merken
view-kept = Die Ansicht ist gemerkt.
view-forget = Ansicht vergessen
view-forgotten = Die Ansicht ist vergessen.
bulk-too-many = Mehr als { $most } Zonen passen. Grenzen Sie die Auswahl ein; ausgelassen wird keine.
invite-withdraw = Zurücknehmen
invite-withdrawn = Die Einladung ist zurückgenommen; ihr Link führt nirgends mehr hin.
action-withdraw-invite = Einladung zurückgenommen
columns = Spalten
choose = Auswählen
choose-page = Alle auf dieser Seite
choose-change = Ausgewählte ändern …
keys = Tasten
keys-search = suchen
keys-move = in der Liste weiter und zurück
keys-choose = Zeile auswählen
keys-open = öffnen
keys-help = diese Hilfe
