# The image of all services of the stack: the ingestor, the query service and the seeder. Nothing is built: Node runs
# the TypeScript sources (docs/decisions/0001), so they are installed as a workspace, outside of node_modules.

ARG NODE_IMAGE=node:24-bookworm-slim
ARG DEBIAN_IMAGE=debian:bookworm-slim

FROM ${NODE_IMAGE} AS install
WORKDIR /app
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml ./
COPY packages packages
COPY services services
RUN npx --yes pnpm@12.21.0 install --prod --frozen-lockfile --ignore-scripts \
      --filter '@landfall/ingestor...' --filter '@landfall/query...' --filter '@landfall/seeder...' \
    # What is never loaded: tests, SQLite's sources, and the binaries of other systems.
    && find packages services -name '*.test.ts' -delete -o -name '*.contract.ts' -delete -o -name '_*.ts' -delete \
    && rm -rf packages/client packages/test-servers services/cli services/standalone services/*/test \
    && sqlite=$(realpath packages/state-file/node_modules/better-sqlite3) \
    && rm -rf "$sqlite/deps" "$sqlite/src" \
    && find "$sqlite/prebuilds" -mindepth 1 -maxdepth 1 ! -name "*linux-$(node -p process.arch)*" -exec rm -rf {} + \
    && find node_modules/.pnpm \( -name '*.map' -o -name '*.md' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -type f -delete

# Of Node only the program: its image's npm and headers are half as large again as all of Landfall.
FROM ${DEBIAN_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Landfall" \
      org.opencontainers.image.description="Files land in a bucket; seconds later they are an API." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=install /usr/local/bin/node /usr/local/bin/node
RUN groupadd --gid 1000 landfall \
    && useradd --uid 1000 --gid landfall --no-create-home landfall \
    && install --directory --owner=landfall --group=landfall /state
WORKDIR /app
COPY --from=install /app ./
COPY datasets datasets
ENV NODE_ENV=production STATE_DIR=/state
USER landfall
VOLUME /state
CMD ["node", "services/query/src/main.ts"]
