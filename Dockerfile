# One image with all programs: /workers, /starter and /console. docker-compose.yml
# says which of them a container runs.
FROM golang:1.26.8-alpine3.24 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ENV CGO_ENABLED=0
RUN mkdir /out && go build -trimpath -ldflags="-s -w" -o /out/ ./workers ./starter ./console

# Nothing but the programs, the root certificates and the time zones.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /usr/local/go/lib/time/zoneinfo.zip /zoneinfo.zip
COPY --from=build /out/workers /out/starter /out/console /
ENV ZONEINFO=/zoneinfo.zip
USER 65532:65532
ENTRYPOINT ["/workers"]
