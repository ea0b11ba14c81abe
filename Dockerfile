# ImageUpdater, self-contained and without a shell. docs/install.md says how large it is, and how to build it for other platforms.

# The SDK by its full version: it decides which runtime the image gets, and packages.container.lock.json names it.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0.401 AS build
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /src

# Packages first: this layer lasts until one of these files changes, and serves every platform.
COPY global.json BannedSymbols.txt Directory.Build.props Directory.Packages.props .editorconfig ./
COPY ImageUpdater.Core/ImageUpdater.Core.csproj ImageUpdater.Core/packages.lock.json ImageUpdater.Core/
COPY ImageUpdater.Http/ImageUpdater.Http.csproj ImageUpdater.Http/packages.lock.json ImageUpdater.Http/
COPY ImageUpdater.Kubernetes/ImageUpdater.Kubernetes.csproj ImageUpdater.Kubernetes/packages.lock.json ImageUpdater.Kubernetes/
COPY ImageUpdater.Registry/ImageUpdater.Registry.csproj ImageUpdater.Registry/packages.lock.json ImageUpdater.Registry/
COPY ImageUpdater.Persistence/ImageUpdater.Persistence.csproj ImageUpdater.Persistence/packages.lock.json ImageUpdater.Persistence/
COPY ImageUpdater.Reports/ImageUpdater.Reports.csproj ImageUpdater.Reports/packages.lock.json ImageUpdater.Reports/
COPY ImageUpdater.Host/ImageUpdater.Host.csproj ImageUpdater.Host/packages.container.lock.json ImageUpdater.Host/
RUN dotnet restore ImageUpdater.Host --locked-mode -p:ContainerRid=linux-x64

COPY ImageUpdater.Core/ ImageUpdater.Core/
COPY ImageUpdater.Http/ ImageUpdater.Http/
COPY ImageUpdater.Kubernetes/ ImageUpdater.Kubernetes/
COPY ImageUpdater.Registry/ ImageUpdater.Registry/
COPY ImageUpdater.Persistence/ ImageUpdater.Persistence/
COPY ImageUpdater.Reports/ ImageUpdater.Reports/
COPY ImageUpdater.Host/ ImageUpdater.Host/
ARG TARGETARCH=amd64
ARG REVISION=
# Analyzers have had their say in CI. The second restore finds every package there; it only turns to the other platform.
# What only a debugger or a profiler asks for stays out; the start is renamed, which it does not mind.
RUN rid=linux-$(echo "$TARGETARCH" | sed 's/^amd64$/x64/') \
 && dotnet restore ImageUpdater.Host --locked-mode -p:ContainerRid="$rid" \
 && dotnet publish ImageUpdater.Host --no-restore --configuration Release --output /out -p:ContainerRid="$rid" \
      -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -p:DebugType=none -p:SourceRevisionId="$REVISION" \
 && cd /out \
 && rm -f libmscordaccore.so libmscordbi.so libcoreclrtraceptprovider.so libclrgc.so libclrgcexp.so createdump \
 && mv ImageUpdater.Host image-updater \
 && mkdir /state && chmod -R a+rX /out
# Weekly windows name a time zone, and the small base has none. The SDK's image brings them; another base may have to fetch them.
RUN [ -e /usr/share/zoneinfo/UTC ] || { apt-get update && apt-get install -y --no-install-recommends tzdata; }

# Glibc, OpenSSL, certificates and nothing else: no shell, no package manager.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="ImageUpdater" \
      org.opencontainers.image.description="Restarts annotated Kubernetes workloads when the registry serves a new digest behind the tag they use." \
      org.opencontainers.image.source="https://github.com/eznix86/kubernetes-image-updater" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# The root may be read-only: without diagnostics nothing is written outside the state's volume. It has little to do, so it saves
# memory: no collector beside the program, no second compilation of what is compiled already, little that is new before the collector
# looks, and one pool of native memory instead of one for each thread. The base's own port is not
# ours.
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_gcConcurrent=0 \
    DOTNET_TieredCompilation=0 \
    DOTNET_GCgen0size=0x800000 \
    MALLOC_ARENA_MAX=1 \
    ASPNETCORE_HTTP_PORTS= \
    ImageUpdater__State=/data/state.db
COPY --from=build /usr/share/zoneinfo /usr/share/zoneinfo
COPY --from=build /out /app
COPY --from=build --chown=65532:65532 /state /data
WORKDIR /data
USER 65532:65532
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=60s --timeout=5s --start-period=20s CMD ["/app/image-updater", "health"]
ENTRYPOINT ["/app/image-updater"]
CMD ["run"]
