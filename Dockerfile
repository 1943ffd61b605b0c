# The program in a container, with nothing else in it: docker build -t catchword .
# It runs as nobody in particular, needs no writable file system but /var/lib/catchword, and stops within ten seconds.

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN make build && mkdir -p out/tmp out/var/lib/catchword/chats out/var/lib/catchword/data out/var/lib/catchword/archive out/var/lib/catchword/backups

FROM scratch
LABEL org.opencontainers.image.title="catchword" \
      org.opencontainers.image.description="Holds a hashtag chat in Slack workspaces and Matrix rooms at once" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /src/LICENSE /src/NOTICE /
COPY --from=build --chown=65532:65532 /src/out/ /
COPY --from=build /src/bin/catchword /catchword
# Chat files, the database, the archive and backups: chats, data, archive and backups lie here.
WORKDIR /var/lib/catchword
USER 65532:65532
ENV CATCHWORD_LISTEN=:8080
VOLUME ["/var/lib/catchword"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["/catchword", "doctor", "--health"]
ENTRYPOINT ["/catchword"]
CMD ["run"]
