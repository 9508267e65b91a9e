FROM rust:1.95-bookworm AS build
RUN rustup target add wasm32-unknown-unknown
WORKDIR /src
COPY . .
RUN cargo xtask islands && cargo build --release --package hostler

FROM debian:bookworm-slim
COPY --from=build /src/target/release/hostler /usr/local/bin/hostler
EXPOSE 8080
CMD ["hostler", "serve"]
