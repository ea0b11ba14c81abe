{{- define "image-updater.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "image-updater.fullname" -}}
{{- $name := include "image-updater.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "image-updater.selectorLabels" -}}
app.kubernetes.io/name: {{ include "image-updater.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Labels and annotations are strings for Kubernetes; --set makes numbers and booleans of values that look like them. */}}
{{- define "image-updater.strings" -}}
{{- range $name, $value := . }}
{{ $name }}: {{ $value | toString | quote }}
{{- end }}
{{- end }}

{{- define "image-updater.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "image-updater.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ include "image-updater.strings" . }}
{{- end }}
{{- end }}

{{- define "image-updater.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "image-updater.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.create is false: set serviceAccount.name to the name of an existing ServiceAccount." .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "image-updater.image" -}}
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{/* The rules that a ClusterRole and a Role share. */}}
{{- define "image-updater.workloadRules" -}}
# Workloads: listed and watched, and read again before a patch.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [get, list, watch]
{{- if not .Values.observeOnly }}
# The restart is a patch.
- apiGroups: [apps]
  resources: [deployments, statefulsets, daemonsets]
  verbs: [patch]
{{- end }}
# Pods: to find out which digests run.
- apiGroups: [""]
  resources: [pods]
  verbs: [list]
# Revisions, read only for a workload that is first seen and due for a restart: to recognise kubectl rollout undo.
- apiGroups: [apps]
  resources: [replicasets, controllerrevisions]
  verbs: [list]
# Events for the workloads, shown by kubectl describe.
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create]
{{- end }}

{{- define "image-updater.nodeRules" -}}
# Nodes: their labels decide which platforms of an image index matter.
- apiGroups: [""]
  resources: [nodes]
  verbs: [list, watch]
{{- end }}

{{- define "image-updater.secretRules" -}}
# Pull secrets: those that a pod template names, or else those of its service account.
- apiGroups: [""]
  resources: [serviceaccounts, secrets]
  verbs: [get]
{{- end }}

{{/* Every registry and mirror: [prefix of its settings, name of its volumes, its values]. */}}
{{- define "image-updater.hosts" -}}
{{- $hosts := list }}
{{- range $index, $registry := .Values.registries }}
{{- $prefix := printf "ImageUpdater__Registries__%d__" $index }}
{{- $hosts = append $hosts (dict "prefix" $prefix "id" (toString $index) "values" $registry) }}
{{- range $number, $mirror := $registry.mirrors }}
{{- $hosts = append $hosts (dict "prefix" (printf "%sMirrors__%d__" $prefix $number) "id" (printf "%d-%d" $index $number) "values" $mirror) }}
{{- end }}
{{- end }}
{{- toJson $hosts }}
{{- end }}

{{/* The settings that registries and mirrors share, without secrets. */}}
{{- define "image-updater.hostSettings" -}}
{{- $prefix := index . 0 }}
{{- $id := index . 1 }}
{{- with index . 2 }}
{{- if .caConfigMap }}
{{ $prefix }}CaFile: /etc/image-updater/ca/{{ $id }}/ca.crt
{{- end }}
{{- if .clientCertificateSecret }}
{{ $prefix }}ClientCertificateFile: /etc/image-updater/client/{{ $id }}/tls.crt
{{ $prefix }}ClientKeyFile: /etc/image-updater/client/{{ $id }}/tls.key
{{- end }}
{{- if .insecureSkipVerify }}
{{ $prefix }}InsecureSkipVerify: "true"
{{- end }}
{{- with .proxy }}
{{ $prefix }}Proxy: {{ . | quote }}
{{- end }}
{{- range $number, $name := .tokenHosts }}
{{ $prefix }}TokenHosts__{{ $number }}: {{ $name | quote }}
{{- end }}
{{- with .maxConcurrency }}
{{ $prefix }}MaxConcurrency: {{ . | int | quote }}
{{- end }}
{{- with .timeout }}
{{ $prefix }}Timeout: {{ . | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Combinations of values that the schema can't validate. */}}
{{- define "image-updater.check" -}}
{{- if gt (int .Values.replicaCount) 1 }}
{{- fail "replicaCount is more than 1: the state store is SQLite, which takes one process at a time. Set replicaCount to 1." }}
{{- end }}
{{- if and .Values.metrics.scrapeAnnotations .Values.metrics.serviceMonitor.enabled }}
{{- fail "metrics.scrapeAnnotations and metrics.serviceMonitor.enabled are both true: everything would be scraped twice. Set only one of them." }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.enabled is true without ingress.host: the Ingress would match every host name. Set ingress.host." }}
{{- end }}
{{- if hasKey .Values.holds "quarantineEverywhere" }}
{{- fail "holds.quarantineEverywhere was replaced. Set holds.quarantine: Cluster instead of true, Workload instead of false." }}
{{- end }}
{{- if and .Values.namespaces .Values.rbac.secrets.enabled }}
{{- range .Values.rbac.secrets.namespaces }}
{{- if not (has . $.Values.namespaces) }}
{{- fail (printf "rbac.secrets.namespaces contains %s, which namespaces does not contain: workloads there are ignored. Remove it, or add it to namespaces." .) }}
{{- end }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the container of the controller and that of the test share: the environment, and the mounted files without the state. */}}
{{- define "image-updater.environment" -}}
{{- $secrets := list }}
{{- range include "image-updater.hosts" . | fromJsonArray }}
{{- if .values.credentials }}
{{- $secrets = append $secrets . }}
{{- end }}
{{- end }}
envFrom:
  - configMapRef:
      name: {{ include "image-updater.fullname" . }}
{{- if or $secrets .Values.extraEnv }}
env:
  {{- range $secrets }}
  {{- $secret := .values.credentials.existingSecret }}
  {{- if .values.credentials.identityToken }}
  - name: {{ .prefix }}IdentityToken
    valueFrom: {secretKeyRef: {name: {{ $secret }}, key: identity-token}}
  {{- else }}
  - name: {{ .prefix }}Username
    valueFrom: {secretKeyRef: {name: {{ $secret }}, key: username}}
  - name: {{ .prefix }}Password
    valueFrom: {secretKeyRef: {name: {{ $secret }}, key: password}}
  {{- end }}
  {{- end }}
  {{- range .Values.extraEnv }}
  - {{ if hasKey . "value" }}{{ merge (dict "value" (toString .value)) . | toJson }}{{ else }}{{ toJson . }}{{ end }}
  {{- end }}
{{- end }}
{{- end }}

{{- define "image-updater.mounts" -}}
{{- $hosts := include "image-updater.hosts" . | fromJsonArray }}
{{- if .Values.registryCredentials.existingSecret }}
- name: docker
  mountPath: /etc/image-updater/docker
  readOnly: true
{{- end }}
{{- if .Values.registriesFile.existingSecret }}
- name: registries
  mountPath: /etc/image-updater/registries
  readOnly: true
{{- end }}
{{- if .Values.web.auth.existingSecret }}
# The folder, not the file: with subPath, a changed Secret would not reach the pod.
- name: web-auth
  mountPath: /etc/image-updater/web
  readOnly: true
{{- end }}
{{- if .Values.web.api.existingSecret }}
- name: web-api
  mountPath: /etc/image-updater/web-api
  readOnly: true
{{- end }}
{{- range $hosts }}
{{- if .values.caConfigMap }}
- name: ca-{{ .id }}
  mountPath: /etc/image-updater/ca/{{ .id }}
  readOnly: true
{{- end }}
{{- if .values.clientCertificateSecret }}
- name: client-{{ .id }}
  mountPath: /etc/image-updater/client/{{ .id }}
  readOnly: true
{{- end }}
{{- end }}
{{- with .Values.extraVolumeMounts }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}

{{- define "image-updater.volumes" -}}
{{- $hosts := include "image-updater.hosts" . | fromJsonArray }}
{{- with .Values.registryCredentials }}
{{- if .existingSecret }}
- name: docker
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .key | quote }}, path: config.json}
{{- end }}
{{- end }}
{{- with .Values.registriesFile }}
{{- if .existingSecret }}
- name: registries
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .key | quote }}, path: registries.yaml}
{{- end }}
{{- end }}
{{- with .Values.web.auth }}
{{- if .existingSecret }}
- name: web-auth
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .key | quote }}, path: auth}
{{- end }}
{{- end }}
{{- with .Values.web.api }}
{{- if .existingSecret }}
- name: web-api
  secret:
    secretName: {{ .existingSecret }}
    items:
      - {key: {{ .key | quote }}, path: token}
{{- end }}
{{- end }}
{{- range $host := $hosts }}
{{- with .values.caConfigMap }}
- name: ca-{{ $host.id }}
  configMap:
    name: {{ .name }}
    items:
      - {key: {{ .key | default "ca.crt" | quote }}, path: ca.crt}
{{- end }}
{{- with .values.clientCertificateSecret }}
- name: client-{{ $host.id }}
  secret:
    secretName: {{ . }}
{{- end }}
{{- end }}
{{- with .Values.extraVolumes }}
{{- toYaml . | nindent 0 }}
{{- end }}
{{- end }}
