# Drover and QEMU, and nothing else: docs/container.md. As the target offsite restic: docs/backup.md; as edge and bridge what
# shows a guest to browsers: docs/browser.md. Debian packages only, from the release of BASE.
ARG BASE=debian:trixie-slim

FROM ${BASE} AS drover
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends swiftlang g++ libcrypt-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY scripts/build scripts/build
COPY scripts/lib/packages.sh scripts/lib/build-folder.sh scripts/lib/
COPY Package.swift Package.swift
COPY Sources Sources
RUN DROVER_WITHOUT_TESTS=1 scripts/build
COPY scripts/lib/image-entry scripts/lib/image-entry
RUN scripts/lib/image-entry .build/drover >/src/.build/entry

FROM ${BASE} AS image
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends qemu-system-x86 qemu-utils ovmf wget ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/lib/image-root /usr/local/bin/image-root
RUN image-root /image

FROM ${BASE} AS restic
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends restic openssh-client ca-certificates \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/lib/image-root /usr/local/bin/image-root
RUN image-root /image offsite

FROM scratch AS offsite
COPY --from=restic /image /
COPY --from=drover /src/.build/drover /usr/bin/drover
COPY --from=drover /src/.build/entry /var/lib/dpkg/status.d/drover
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="Drover off-site" \
      org.opencontainers.image.description="Sends the backups of a Drover guest to a repository of restic's" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT AND BSD-2-Clause"
USER 10001:10001
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=10m --interval=60s --timeout=10s --retries=2 CMD ["/usr/bin/drover", "offsite", "healthcheck"]
CMD ["/usr/bin/drover", "offsite", "serve"]

FROM ${BASE} AS nginx
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends nginx novnc node-xterm \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/lib/image-root /usr/local/bin/image-root
RUN image-root /image edge

FROM scratch AS edge
COPY --from=nginx /image /
COPY compose/edge/nginx /etc/nginx
COPY compose/edge/page /usr/share/drover/edge
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="Drover edge" \
      org.opencontainers.image.description="A Drover guest's screen and console in a browser: nginx, noVNC and xterm.js" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT AND BSD-2-Clause AND MPL-2.0"
USER 10001:10001
EXPOSE 8443
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/usr/sbin/nginx", "-e", "stderr"]
CMD ["-c", "/etc/nginx/off.conf"]

FROM ${BASE} AS websockify
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends websockify \
    && rm -rf /var/lib/apt/lists/*
COPY scripts/lib/image-root /usr/local/bin/image-root
RUN image-root /image bridge

FROM scratch AS bridge
COPY --from=websockify /image /
COPY compose/edge/bridge compose/edge/rfb.py /usr/lib/drover/
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="Drover bridge" \
      org.opencontainers.image.description="Carries WebSockets to a Drover guest's screen and console: websockify" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT AND LGPL-3.0-only AND PSF-2.0"
USER 10001:10001
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/bin/python3", "-B", "-W", "ignore", "/usr/lib/drover/bridge"]
CMD ["/screen/drover", "/bridge/bridge.sock"]

# What docker build makes without a target.
FROM scratch
COPY --from=image /image /
COPY --from=drover /src/.build/drover /usr/bin/drover
COPY --from=drover /src/.build/entry /var/lib/dpkg/status.d/drover
ARG VERSION=unreleased
LABEL org.opencontainers.image.title="Drover" \
      org.opencontainers.image.description="PID 1 for a QEMU guest: GNU/Hurd first, any x86 guest works" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="MIT AND GPL-2.0-only"
# By number: Kubernetes' runAsNonRoot reads no passwd.
USER 10001:10001
VOLUME /opt/hurd-image
EXPOSE 2222 8080
STOPSIGNAL SIGTERM
# A guest under TCG takes minutes to its first answer; failures before that do not count.
HEALTHCHECK --start-period=10m --interval=15s --timeout=10s --retries=4 CMD ["/usr/bin/drover", "healthcheck"]
ENTRYPOINT ["/usr/bin/drover"]
