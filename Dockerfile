# Image of ImageUpdater: self-contained, without a shell. Its size and how to build for other platforms: docs/install.md.

# Digests of the base images (sha256:…), so that a build does not take what somebody has pushed to their tags since. .ci/base-images writes them.
# Without a digest, the tag alone decides.
ARG SDK_DIGEST=
ARG RUNTIME_DIGEST=

# The full SDK version, because it determines the runtime version, which packages.container.lock.json pins.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0.401${SDK_DIGEST:+@$SDK_DIGEST} AS build
ENV DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
WORKDIR /src

# Restores packages in a layer of its own, which stays cached until one of these files changes and is used for all platforms.
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
# Analyzers run in CI, not here. The second restore only selects the target platform; all packages are already downloaded.
# Removes the libraries that only debuggers and profilers use, and unused collectors. The executable can be renamed freely.
RUN rid=linux-$(echo "$TARGETARCH" | sed 's/^amd64$/x64/') \
 && dotnet restore ImageUpdater.Host --locked-mode -p:ContainerRid="$rid" \
 && dotnet publish ImageUpdater.Host --no-restore --configuration Release --output /out -p:ContainerRid="$rid" \
      -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -p:DebugType=none -p:SourceRevisionId="$REVISION" \
 && cd /out \
 && rm -f libmscordaccore.so libmscordbi.so libcoreclrtraceptprovider.so libclrgc.so libclrgcexp.so createdump \
 && mv ImageUpdater.Host image-updater \
 && mkdir /state && chmod -R a+rX /out
# Weekly windows need time zone data, which the chiseled base image lacks. Copied from the SDK image, or installed if that has none.
RUN [ -e /usr/share/zoneinfo/UTC ] || { apt-get update && apt-get install -y --no-install-recommends tzdata; }

# Contains glibc, OpenSSL and CA certificates only: no shell, no package manager.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled${RUNTIME_DIGEST:+@$RUNTIME_DIGEST}
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="ImageUpdater" \
      org.opencontainers.image.description="Restarts annotated Kubernetes workloads when the registry serves a new digest behind the tag they use." \
      org.opencontainers.image.source="https://github.com/eznix86/kubernetes-image-updater" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# DOTNET_EnableDiagnostics=0: no diagnostic files in /tmp, so that the root file system can be read-only.
# DOTNET_TC_CallCountThreshold (hexadecimal): only a method called 65,535 times is compiled again with all optimizations (by default 30), so that
# the start compiles less thoroughly, and the precompiled code is kept (docs/adr/0011).
# DOTNET_gcConcurrent, GCgen0size, MALLOC_ARENA_MAX: less memory for less speed (no background GC thread, a small generation 0, one malloc arena).
# ASPNETCORE_HTTP_PORTS: the base image sets 8080; ImageUpdater configures its own listener.
# ImageUpdater__Listen: loopback, the default outside a cluster, can't be reached from outside the container; what is published decides.
ENV PATH=/app:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    DOTNET_EnableDiagnostics=0 \
    DOTNET_gcConcurrent=0 \
    DOTNET_TC_CallCountThreshold=FFFF \
    DOTNET_GCgen0size=0x800000 \
    MALLOC_ARENA_MAX=1 \
    ASPNETCORE_HTTP_PORTS= \
    ImageUpdater__Listen=:8080 \
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
