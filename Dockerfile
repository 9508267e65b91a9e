FROM rust:1.95-bookworm AS build
RUN rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
RUN cargo xtask islands && cargo build --release --package hostler

FROM debian:bookworm-slim AS panel
COPY --from=build /src/target/release/hostler /usr/local/bin/hostler
EXPOSE 8080
CMD ["hostler", "serve"]

FROM debian:bookworm-slim AS mail
RUN printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod +x /usr/sbin/policy-rc.d && apt-get update && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postfix postfix-lmdb dovecot-imapd dovecot-pop3d \
    dovecot-lmtpd dovecot-sieve dovecot-managesieved rspamd ca-certificates && rm -rf /var/lib/apt/lists/*
COPY --from=build /src/target/release/hostler /usr/local/bin/hostler
COPY scripts/mail-servers /usr/local/bin/mail-servers
EXPOSE 25 110 143 465 587 993 995 4190
CMD ["mail-servers", "/etc/hostler-mail", "/var/lib/hostler-mail"]
