# The exporter in a container: Node, the packages that run, the source as it is (no build step).
#
#   docker build --tag llm-exporter .
#   docker run --publish 127.0.0.1:9464:9464 llm-exporter --log.format=json
#
# Beyond loopback, and a container's address is beyond it, events are taken only with a token: mount a configuration
# file with auth.ingest_token_file, as docker-compose.yml does.

FROM node:24-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# No package that runs needs an install script, so none gets to run one.
RUN npm ci --omit=dev --ignore-scripts

FROM node:24-slim
ENV NODE_ENV=production \
    LLM_EXPORTER_WEB_LISTEN_ADDRESS=0.0.0.0:9464 \
    LLM_EXPORTER_STORAGE_PATH=/data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
# program.ts reads its version from package.json.
COPY package.json ./
COPY src ./src
# Compiled once here, so that each container starts in half the time. The cache is root's: nothing that runs can change it.
RUN node src/main.ts --version
# A new named volume takes over owner and mode of the folder that it covers.
RUN install --directory --owner=node --group=node --mode=0750 /data
VOLUME ["/data"]
# The user `node`, in figures, so that an orchestrator can see that it is not root.
USER 1000:1000
EXPOSE 9464
STOPSIGNAL SIGTERM
# The slim image has no curl. Give --web.listen-address by its environment twin, so that this asks the right port;
# behind TLS (--web.config.file) replace it.
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.LLM_EXPORTER_WEB_LISTEN_ADDRESS.split(':').pop() + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# Flags and verbs follow the image's name.
ENTRYPOINT ["node", "/app/src/main.ts"]
