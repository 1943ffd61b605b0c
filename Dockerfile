# An image with the program and nothing else: docker build -t catchword .
# It runs as an unprivileged user, writes only to /var/lib/catchword, and stops within ten seconds.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build && mkdir -p out/tmp out/var/lib/catchword/chats out/var/lib/catchword/data out/var/lib/catchword/archive out/var/lib/catchword/backups

FROM scratch
LABEL org.opencontainers.image.title="catchword" \
      org.opencontainers.image.description="Runs hashtag chats in Slack workspaces and Matrix rooms" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/NOTICE /
COPY --from=build --chown=65532:65532 /src/out/ /
COPY --from=build /src/bin/catchword /catchword
# The folders chats, data, archive and backups are here.
WORKDIR /var/lib/catchword
USER 65532:65532
ENV CATCHWORD_LISTEN=:8080
VOLUME ["/var/lib/catchword"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["/catchword", "doctor", "--health"]
ENTRYPOINT ["/catchword"]
CMD ["run"]
