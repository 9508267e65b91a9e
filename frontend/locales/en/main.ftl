# Hostler in English. The lint's sentences stand in core's rules.
nav-overview = Overview
nav-customers = Customers
nav-domains = Domains
nav-homepages = Homepages
nav-mail = Mail
nav-import = Take over papers
nav-reconciliation = Reconciliation
areas = Areas
menu = Menu
crumbs = Where you are
skip = To the content
search = Search
search-placeholder = Domain, record, address …
logout = Log out
login = Log in
login-email = E-mail address
login-password = Password
login-submit = Log in
login-first-run = There is no login yet. Make the first one on the server:
login-wrong = Address or password are wrong.
login-wait = Too many failures. Please wait { $seconds } seconds.
form-errors = Please check:
error-number = Number of this error:
error-not-found = Not found
error-not-found-text = There is nothing at this address, or it is not for you.
error-internal = That did not work
error-internal-text = Something went wrong here that you did not cause. Nothing was changed. Try again; if it stays, tell us the number.
error-origin = The request came from another site
error-origin-text = For safety it was not carried out. Open the page anew and try again.
error-stale = Somebody was faster
error-stale-text = The zone was changed since you opened the page. Its new state stands below; what you typed is still in the form.
error-too-large = Too large
error-too-large-text = The request is larger than what is taken here. Nothing was changed.
error-bad-request = The request is incomplete
error-bad-request-text = Something is missing from the form, or it was not meant for this page.
error-forbidden = This login may not do that
error-forbidden-text = Your role does not have this change.
filter-apply = Apply
filter-reset = Clear filters
all = all
pages = Pages
page-back = back
page-next = on
hits = { $n ->
    [one] { $n } hit
   *[other] { $n } hits
 }
empty-list = Nothing here yet.
empty-filtered = No hit. Search for less, or clear the filters:
what-is-there = What is there
what-is-wrong = What is wrong
what-happened = What happened last
nothing-wrong = Everything fits together.
start-here = First steps
tile-customers = Customers
tile-domains = Domains
tile-zones = Zones
tile-homepages = Homepages
tile-mailboxes = Mailboxes
tile-aliases = Aliases
tile-mail-bytes = Mail
wrong-zones-errors = Zones with errors
wrong-zones-unserved = Zones that no name server would load
wrong-zones-changed = Zones with unpublished changes
wrong-refusals = Unreadable pieces of the papers
col-when = When
col-who = Who
col-action = What
col-thing = Thing
col-number = Number
col-company = Company
col-contact = Contact
col-city = Town
col-email = E-mail
col-reseller = Reseller
col-domains = Domains
col-name = Name
col-customer = Customer
col-zone = Zone
col-records = Records
col-serial = Serial
col-kind = Kind
col-root = Folder or target
col-aliases = Other names
col-source = Source
col-address = Address
col-targets = Targets
col-scheme = Password
col-size = Size
col-files = Files
col-owner = Name
col-type = Type
col-data = Value
col-state = State
col-file = File
col-reason = Reason
col-problem = Problem
col-kept = kept
col-version = Version
col-note = Note
col-street = Street
col-postcode = Postcode
col-country = Country
col-vat = VAT id
line = Line
zone-state-fine = published
zone-state-changed = changed
zone-state-unserved = not served
zone-state-none = no zone
zone-state-errors = with errors
zone-state-warnings = with warnings
n-errors = { $n ->
    [one] { $n } error
   *[other] { $n } errors
 }
n-warnings = { $n ->
    [one] { $n } warning
   *[other] { $n } warnings
 }
customer-unknown = { $number } (unknown)
in-records = Search records too
found-records = Records with this text
kind-static = files
kind-php = PHP
kind-redirect = redirect
kind-proxy = proxy
kind-mailbox = mailbox
kind-alias = alias
kind-catchall = catch-all
no-password = no password
serial = Serial
tabs = Pages of the zone
tab-records = Records
tab-text = As text
tab-publish = Publish
tab-versions = Versions
findings = What the check says
record-new = New record
record-edit = Change the record
record-add = Stage record
record-save = Stage change
record-delete = Delete:
record-noted = Staged. It is served once you publish.
cancel = Cancel
owner-help = @ for the domain itself, www for a name in it, with a final dot for a full name.
ttl-help = Seconds, or 1h, 1d; empty: as the SOA record.
type-help-mx = Preference and mail server, such as: 10 mail.example.de.
type-help-txt = The text; long ones are split by themselves.
type-help-srv = Priority, weight, port, target: 0 5 993 mail.example.de.
type-help-caa = Such as: 0 issue "letsencrypt.org"
zone-text-label = Zone as text
zone-text-save = Stage text
zone-text-fine = ● Nothing to object to.
publish-nothing = There is nothing to publish: the records are as they are served.
publish-note = Note
publish-note-help = Why; it stands beside the version later.
publish-submit = { $n ->
    [one] Publish { $n } change
   *[other] Publish { $n } changes
 }
publish-discard = Discard changes
publish-stopped = Nothing is published with errors. First mend:
published = Published as version { $number } with serial { $serial }.
discarded = Discarded. The records are as they are served.
diff = Differences
diff-added = new
diff-removed = removed
diff-changed = changed
diff-none = No difference.
compare = Compare
compare-from = from
compare-to = to
compared = From version { $from } to version { $to }
version-text = Text
versions-none = Not published yet.
imports = Imports
import-upload = Upload an archive
import-upload-text = A zip or tar with customers.csv, domains.csv, dns/, web/sites-enabled/ and mail/. Missing papers are fine. At first only a plan is made.
import-file = Archive
import-file-help = { $mb } MB at the most.
import-submit = Make the plan
import-running = The page reloads by itself.
import-apply = { $n ->
    [one] Take over { $n } row
   *[other] Take over { $n } rows
 }
import-nothing = Nothing to do: everything is as the papers say.
import-no-file = Choose an archive.
import-too-large = The archive is larger than { $mb } MB.
import-noted = Uploaded. The plan is being made.
import-cancel = Cancel
import-cancelled = Cancelled. Nothing was taken over.
import-applying = The import runs.
plan = Plan
plan-create = new
plan-update = changed
plan-identical = identical
plan-conflict = Conflicts
plan-refused = Not readable
state-reading = being read
state-planned = planned
state-applied = applied
state-failed = failed
job-import-plan = Reading papers
job-import-apply = Taking over papers
job-reconcile = Reconciling
action-import = Papers taken over
action-edit-record = Record changed
action-add-record = Record added
action-delete-record = Record deleted
action-edit-text = Zone changed as text
action-publish = Zone published
action-discard = Changes discarded
kept = Kept, because unreadable
kept-text = Nothing of it is lost: download it, correct it in the papers, and take them over again.
problem-zone-not-served = Zone is not served
problem-zone-not-served-text = { $detail } errors; a name server would refuse the zone or lose records.
problem-mailbox-mx-elsewhere = Mailbox whose MX is elsewhere
problem-mailbox-mx-elsewhere-text = The MX is { $detail }; new mail does not arrive here.
problem-mailbox-without-mx = Mailbox without MX
problem-mailbox-without-mx-text = There is neither MX nor address for { $detail } here.
problem-alias-loop = Alias loop
problem-alias-loop-text = { $detail }
problem-alias-target-missing = Alias to nowhere
problem-alias-target-missing-text = { $detail } does not exist here.
problem-mailbox-and-alias = Mailbox and alias at once
problem-mailbox-and-alias-text = The alias to { $detail } hides the mailbox.
problem-customer-unknown = Customer unknown
problem-customer-unknown-text = The customer number { $detail } is not in the list of customers.
problem-vhost-without-zone = Vhost without zone
problem-vhost-without-zone-text = Name of the homepage { $detail }; there is no zone for it here.
problem-zone-without-customer = Zone without customer
problem-zone-without-customer-text = The domain belongs to no customer.
problem-zone-with-errors = Zone with errors
problem-zone-with-errors-text = { $detail } errors; it is served all the same, as before.
problem-domain-without-zone = Domain without zone
problem-domain-without-zone-text = The domain is in the list, but there is no zone.
problem-mailbox-without-password = Mailbox without password
problem-mailbox-without-password-text = It is in vmailbox, but not in passwd.
problem-mailbox-without-path = Mailbox without a place
problem-mailbox-without-path-text = It is in passwd, but not in vmailbox.
nav-my-domains = My domains
nav-logins = Logins
nav-audit = Log
nav-account = My account
nav-help = Handbook
account-pages = Pages of the account
account-tab = Password and address
security-tab = Second factor
acting-looks = You see the panel with the eyes of { $name }. Changes are locked.
acting-writes = You act for { $name }. Each change stands in the log with your name.
acting-end = End
acting-take-over = Allow changes
address-change = Change the address
address-new = New address
address-help = We write to both addresses; the new one counts once both have agreed.
address-submit = Ask for confirmation
address-asked = We have written to both addresses. The links work for an hour.
address-taken = This address belongs to another login by now.
audit-from = from
audit-until = until
audit-none = Nothing has happened yet.
audit-undo = Take this change back
audit-undone = taken back
audit-via = { $actor } ({ $via })
col-actions = Rights
col-began = logged in
col-browser = Browser
col-ends = works until
col-from = from where
col-made = set up
col-networks = Networks
col-role = Role
col-used = last used
col-request = Request
error-conflict = That is no longer possible
error-conflict-text = Something has changed meanwhile, or it is about your own login. Nothing was changed.
error-invalid = Something is wrong
error-invalid-text = A value is not accepted here. Nothing was changed.
error-login = Please log in
error-login-text = Without a valid login there is nothing to see here.
error-method = Not this way
error-method-text = This address does not take this kind of request.
error-read-only = Looking only
error-read-only-text = You see the panel with a customer's eyes, and changes are locked. Allow them at the top of the page, or end the view; your own account stays closed until then.
error-stale-plain = It was changed since you opened the page. Open it anew; nothing was overwritten.
error-too-many = Too many tries
error-too-many-text = Please wait a while and try again.
error-unconditional = The state is missing
error-unconditional-text = Say with If-Match on which state the change was made.
invite = Invite
invite-submit = Send the invitation
invite-sent = The invitation is on its way.
invited = Invited
reseller-help = Only for the role reseller: its number.
link-invite = Welcome
link-reset = New password
link-address = Confirm the address
link-address-text = In the place of { $old } it shall be { $new }.
link-address-confirm = Confirm
link-address-half = Thank you. The change counts once the other address has confirmed it too.
link-address-done = The new address counts from now on.
link-gone = This link no longer works
link-gone-text = It was used already, is too old, or a newer one was sent.
login-forgotten = Forgotten the password?
login-disable = Switch off
login-enable = Switch on
login-on = active
login-off = off
login-saved = Saved.
logins-none = No logins yet.
logins-of = Logins of { $name }
role-admin = Admin
role-operator = Operator
role-billing = Billing
role-reseller = Reseller
role-owner = Owner
role-member = Member
role-payer = Billing only
mail-state-waiting = waiting
mail-state-sent = sent
mail-state-failed = not deliverable
mail-state-bounced = came back
no-public-url = The setting http.public_url is missing; without it no links can be mailed.
mail-invite-subject = Your login to the hosting panel
mail-reset-subject = New password
mail-address-subject = Change of your address
passkeys = Passkeys
passkey-add = Set up a passkey
passkey-name = Name of the device
passkey-remove = Remove
passkey-removed = The passkey no longer works.
passkey-text = A device or a security key in the place of a code.
passkey-use = Confirm with a passkey
passkey-failed = That did not work. Try again.
passkey-impossible = Not possible here: passkeys need a public address with https (setting http.public_url).
password-change = Change the password
password-changed = The password is changed; all other sessions are over.
password-current = Current password
password-new = New password
password-help = At least 12 characters; best several words that do not belong together.
password-set = Set the password
password-short = The password has fewer than 12 characters.
password-long = The password is longer than 1000 characters.
password-weak = The password is easy to guess. Take several words that do not belong together.
password-busy = Not possible at the moment. Please try again shortly.
password-wrong = The current password is wrong.
password-was-set = The password is set. Log in with it.
recovery = Recovery codes
recovery-left = { $n ->
    [one] { $n } code is left. It works once when the device is missing.
   *[other] { $n } codes are left. Each works once when the device is missing.
 }
recovery-renew = Make new codes
recovery-text = Keep these codes safe: they are shown only now. Each works once.
recovery-done = I have noted them
reset = Forgotten password
reset-text = We send you a link with which you set a new one. It works for an hour.
reset-submit = Ask for the link
reset-sent = If this address has a login, the link is on its way.
restored = The old state is staged. It is served once you publish.
save = Save
second = Second factor
second-code = Code
second-help = The six digits of the app, or a recovery code.
second-help-recovery = A recovery code, if the passkey is missing.
second-required = Your role needs a second factor. Set it up, then go on.
second-wrong = The code is wrong or was used already.
sessions-tab = Sessions
session-this = this one
session-end = End
session-ended = Ended.
sessions-end-others = End all others
tokens-tab = Tokens
tokens-none = No tokens yet.
token-new = New token
token-create = Make the token
token-days = Days that it works
token-made = This is your token. It is shown only now:
token-networks-help = Empty: from everywhere. Otherwise addresses or networks with blanks between: 192.0.2.0/24
token-revoke = Revoke
token-revoked = The token no longer works.
totp = Codes of an app
totp-off = An app on the phone shows six new digits every 30 seconds.
totp-on = Set up.
totp-begin = Set up
totp-scan = Read the picture with the app, and enter the code that it shows.
totp-qr = QR code for the app
totp-secret = Or type the key:
totp-confirm = Check the code
totp-disable = Switch off
totp-disabled = The codes are switched off.
undo = Undo
undone = Taken back.
version-restore = Restore
may-customers-read = See customers
may-customers-edit = Change customers
may-customers-view-as = View as a customer
may-hosting-read = See domains, homepages and mailboxes
may-zones-edit = Change and publish zones
may-papers-read = See imports and reconciliation
may-papers-import = Take over papers
may-audit-read = See the log
may-logins-read = See logins
may-logins-manage = Manage logins
may-staff-manage = Manage the house's logins
job-mail-send = Sending mails
job-reset-password = Password link
action-set-password = Password set
action-reset-password = Password set by link
action-accept-invite = Invitation taken up
action-invite = Invited
action-edit-login = Login changed
action-enable-login = Login switched on
action-disable-login = Login switched off
action-ask-address = Change of address asked for
action-change-address = Address changed
action-enable-totp = Codes set up
action-disable-totp = Codes switched off
action-use-recovery-code = Recovery code used
action-renew-recovery = New recovery codes
action-add-passkey = Passkey set up
action-remove-passkey = Passkey removed
action-create-token = Token made
action-revoke-token = Token revoked
action-view-as = Viewed as a customer
action-view-as-take-over = Acted for a customer
action-view-as-end = Customer view ended
action-restore = Version restored
action-undo = Taken back
mail-invite =
    Hello { $name },

    { $who } has made a login to the hosting panel for you.
    Set your password here; the link works for seven days:

    { $link }

    If this has nothing to do with you, just delete this mail.
mail-invite-taken =
    Hello { $name },

    { $who } wanted to make a login to the hosting panel for you.
    But this address has one already. Name another address if you
    need a second one.
mail-reset =
    Hello,

    somebody asked for a new password for your login to the hosting panel.
    Set it here; the link works for an hour and only once:

    { $link }

    If it was not you, there is nothing to do: the old password goes on.
mail-address-old =
    Hello,

    your login { $old } to the hosting panel shall become { $new }.
    Confirm it here; the link works for an hour:

    { $link }

    If it was not you, please change your password at once.
mail-address-new =
    Hello,

    the login { $old } to the hosting panel shall have this address: { $new }.
    Confirm it here; the link works for an hour:

    { $link }
customer-edit = Change the data
view-as = View as this customer
action-edit-customer = Customer changed
api-text = The API for automation: with a token (My account › Tokens) in the header Authorization: Bearer. Lists: q, filters, sort, limit, cursor, format=csv. Changes: If-Match with the ETag that was read.
action-clear-factors = Second factors removed
action-create-login = Login made
search-none = Nothing found. The search goes through customers, domains, addresses and records.
may-zones-bulk = Change many zones at once
job-zones-bulk = Changing zones
action-bulk-zones = Many zones changed
bulk = Change many zones
bulk-matching = Change these zones …
bulk-zones = { $n ->
    [one] { $n } zone matches.
   *[other] { $n } zones match.
 }
bulk-replace = An address moves
bulk-ttl = Set the TTL
bulk-add = Add a record
bulk-from = Old address
bulk-to = New address
bulk-type-help = Empty: all records.
bulk-owner-help = @ for the domain itself, otherwise a name in it.
bulk-publish = Publish at once
bulk-preview = Preview
bulk-sum = Zones that change: { $changing }; that cannot: { $refused }; that stay as they are: { $untouched }.
bulk-submit = { $n ->
    [one] Change { $n } zone
   *[other] Change { $n } zones
 }
bulk-more = … and { $n } more.
bulk-undo = Take all of it back
facets = Choice
outcome-changed = staged
outcome-published = published
outcome-unchanged = unchanged
outcome-refused = refused
job-state-running = running
job-state-done = done
job-state-failed = failed
job-state-cancelled = cancelled
zone-new = New zone
zone-create = Make the zone
zone-made = The zone is made. It is served once you publish.
templates = Templates
template = Template
template-new = New template
template-text = Text of the zone
template-help = Like a zone file; what differs stands as a variable, such as ipv4 in double braces.
customer-number = Customer number
customer-number-help = Empty: the domain belongs to nobody yet.
may-zones-create = Make zones and templates
action-create-zone = Zone made
action-save-template = Template saved
views = Kept views
view-name = Name of the view
view-keep = Keep this view
view-kept = The view is kept.
view-forget = Forget this view
view-forgotten = The view is forgotten.
bulk-too-many = More than { $most } zones match. Narrow the choice; none is left out.
invite-withdraw = Take back
invite-withdrawn = The invitation is taken back; its link leads nowhere.
action-withdraw-invite = Invitation taken back
columns = Columns
choose = Choose
choose-page = All on this page
choose-change = Change the chosen …
keys = Keys
keys-search = search
keys-move = on and back in the list
keys-choose = choose the row
keys-open = open
keys-help = this help
editor-close = Done
editor-paste = Paste zone text
editor-paste-label = Records as in a zone file; what is there already does not come twice.
editor-paste-submit = Stage the records
editor-publish = Stage and publish
editor-published = Published.
editor-reset = Undo
editor-reset-all = Undo all
editor-save = Stage and review
editor-staged = Not saved yet
editor-ttl = as the SOA
part-algorithm = Algorithm
part-cpu = Machine
part-digest = Digest (hex)
part-flags = Flags
part-hash = Digest type
part-host = Host
part-key-tag = Key tag
part-mailbox = Mailbox as a name
part-matching = Matching type
part-expire = Expire
part-minimum = Negative TTL
part-mname = Primary name server
part-order = Order
part-os = System
part-params = Parameters
part-port = Port
part-preference = Preference (smaller first)
part-priority = Priority (smaller first)
part-refresh = Refresh
part-regexp = Regular expression
part-replacement = Replacement
part-retry = Retry
part-rname = Responsible (name)
part-selector = Selector
part-serial = Serial
part-service = Service
part-tag = Tag
part-target = Target
part-text-name = Name of the text
part-usage = Usage
part-value = Value
part-weight = Weight
action-edit-records = Records changed
mail-language = Language of mails
step-done = done
step-open = open
step-papers = Take over the papers of the old system
step-papers-text = Customers, domains, zones, vhosts, mailboxes. At first only a plan is shown.
step-mail = Set the public address and the mail server
step-mail-text = Without http.public_url and mail.smtp_url no invitations and no password links go out.
step-factor = Set up a second factor
step-factor-text = Your login opens everything: a code or a passkey belongs to it.
