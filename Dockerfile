# Two stages: one builds, the other is what was built and nothing else: Node, the C library it is linked with, the program. No shell, no
# package manager, nothing to write to. docs/image.md says how to run it; scripts/ci/image.ts carries this very file out and tests the result.

FROM node:26.10.0-bookworm-slim AS build
WORKDIR /build
# The packages alone first: they change less often than the sources.
COPY package.json package-lock.json .npmrc ./
COPY scripts/with-deps.mjs scripts/
# `npm ci`, and the stamp by which the next step knows that it has been done.
RUN node scripts/with-deps.mjs node --version
COPY . .
# The commit, for `plumbline_build_info`, and its time in seconds since 1970, which every file gets: there is no git here.
ARG REVISION=
ARG SOURCE_DATE_EPOCH=0
RUN PLUMBLINE_REVISION="$REVISION" npm run build -- --root root

FROM scratch
ARG REVISION=
# The same time as RFC 3339 has it.
ARG CREATED=1970-01-01T00:00:00Z
COPY --from=build /build/root /
# Two arenas instead of eight for every processor: 1 to 4 MB less, and hardly anything here allocates outside V8 in more than one thread.
ENV PATH=/usr/local/bin MALLOC_ARENA_MAX=2
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 7080 7090 7091
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "--max-semi-space-size=32", "--no-allocation-site-pretenuring", "/app/plumbline.js", "health", "--config", "/etc/plumbline/plumbline.yaml"]
# The flags cannot be set once V8 runs, and the compile cache was made under them (scripts/image/flags.ts).
ENTRYPOINT ["node", "--max-semi-space-size=32", "--no-allocation-site-pretenuring", "/app/plumbline.js"]
CMD ["run", "--config", "/etc/plumbline/plumbline.yaml"]
LABEL org.opencontainers.image.title="Plumbline" \
  org.opencontainers.image.description="Sidecar reverse proxy that holds live HTTP traffic against its OpenAPI contract" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.revision="$REVISION" \
  org.opencontainers.image.created="$CREATED" \
  org.opencontainers.image.licenses="Apache-2.0"
