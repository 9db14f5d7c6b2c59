{{/*
Templates for the chart of a service that depends on this one: each takes `.Subcharts.plumbline`. What they give is what `plumbline inject` would make
for the same settings (src/inject): a test compares them, field by field.
*/}}

{{- define "plumbline.initContainers" -}}
{{- if and .Values.sidecar.enabled (eq (include "plumbline.form" (list . .Values.sidecar.form)) "native") -}}
{{- include "plumbline.sidecar" . -}}
{{- end -}}
{{- end }}

{{- define "plumbline.containers" -}}
{{- if and .Values.sidecar.enabled (eq (include "plumbline.form" (list . .Values.sidecar.form)) "legacy") -}}
{{- include "plumbline.sidecar" . -}}
{{- end -}}
{{- end }}

{{/* A plain container never ends: the Job would never complete. */}}
{{- define "plumbline.nativeForJob" -}}
{{- if .Values.sidecar.enabled -}}
{{- if ne (include "plumbline.form" (list . .Values.sidecar.form)) "native" -}}
{{- fail (printf "a Job with a plain container as sidecar never completes: it takes a native one, from Kubernetes 1.29 on (this is %s, sidecar.form is %s)" .Capabilities.KubeVersion.Version .Values.sidecar.form) -}}
{{- end -}}
{{- include "plumbline.sidecar" . -}}
{{- end -}}
{{- end }}

{{/* An injector leaves the pod alone. */}}
{{- define "plumbline.sidecarLabels" -}}
{{- if .Values.sidecar.enabled -}}
plumbline.dev/inject: disabled
{{- end -}}
{{- end }}

{{/* The volume of the sidecar may go with its node: an autoscaler need not keep that. */}}
{{- define "plumbline.podAnnotations" -}}
{{- if .Values.sidecar.enabled -}}
cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes: plumbline-state
{{- end -}}
{{- end }}

{{/* What the application's port is called: the sidecar has taken its name. At most 15 characters (RFC 6335 §5.1). */}}
{{- define "plumbline.appPortName" -}}
{{- $name := .Values.sidecar.portName -}}
{{- .Values.sidecar.enabled | ternary (printf "%s-app" ($name | trunc 11 | trimSuffix "-")) $name -}}
{{- end }}

{{/*
For `ports` of the application's container: its own, and the sidecar's. That one is not among those of the sidecar, since Services of Kubernetes before 1.33 do not find
ports that init containers name.
*/}}
{{- define "plumbline.appPorts" -}}
{{- $values := .Values.sidecar -}}
{{- if not $values.port -}}
{{- fail "sidecar.port is not set: the port that the application listens on" -}}
{{- end -}}
- name: {{ include "plumbline.appPortName" . | quote }}
  containerPort: {{ $values.port }}
{{- if $values.enabled }}
- name: {{ $values.portName | quote }}
  containerPort: {{ $values.ports.traffic }}
  protocol: TCP
{{- end }}
{{- end }}

{{- define "plumbline.sidecar" -}}
{{- $values := .Values.sidecar -}}
{{- $configMap := include "plumbline.configMap" (list . "sidecar") -}}
{{- $text := "" -}}
{{- $api := "" -}}
{{- $ports := dict "traffic" (int $values.ports.traffic) "probes" (int $values.ports.probes) "admin" (int $values.ports.admin) -}}
{{- if ne (values $ports | uniq | len) 3 -}}
{{- fail (printf "sidecar.ports has a number twice: traffic %d, probes %d, admin %d" $ports.traffic $ports.probes $ports.admin) -}}
{{- end -}}
{{- if has (int $values.port) (values $ports) -}}
{{- fail (printf "sidecar.port is %d, which is one of sidecar.ports: give the sidecar another" (int $values.port)) -}}
{{- end -}}
{{- if not $configMap -}}
{{- if not $values.port -}}
{{- fail "sidecar.port is not set: the port that the application listens on" -}}
{{- end -}}
{{- $api = include "plumbline.api" (list . "sidecar") -}}
{{- $contract := include "plumbline.contract" (list . $api) | fromYaml -}}
{{- $text = include "plumbline.configuration" (dict "values" $values "api" $api "contract" (printf "/etc/plumbline/contracts/%s/%s" $api $contract.key) "upstream" (printf "http://127.0.0.1:%d" (int $values.port)) "ports" $ports "drain" (include "plumbline.drain" (list . "sidecar") | fromYaml)) -}}
{{- end -}}
- name: plumbline
  image: {{ include "plumbline.image" . }}
  {{- with .Values.image.pullPolicy }}
  imagePullPolicy: {{ . }}
  {{- end }}
  {{- if eq (include "plumbline.form" (list . $values.form)) "native" }}
  restartPolicy: Always
  {{- end }}
  {{- if $text }}
  args: [run]
  {{- end }}
  {{- if or $text $values.env }}
  env:
    {{- with include "plumbline.env" (list "sidecar" $values.env) }}
    {{- . | trim | nindent 4 }}
    {{- end }}
    {{- if $text }}
    - name: PLUMBLINE_CONFIG_YAML
      value: {{ $text | toJson }}
    {{- end }}
  {{- end }}
  ports:
    - name: plumbline
      containerPort: {{ $ports.probes }}
      protocol: TCP
  resources:
    {{- toYaml ($values.resources | default dict) | nindent 4 }}
  {{- include "plumbline.probes" $ports.probes | nindent 2 }}
  {{- if eq (include "plumbline.form" (list . $values.form)) "native" }}
  # It hears of the end by SIGTERM when the application is gone. Hooks run when the pod begins to end: who calls is let go of while the application still answers.
  lifecycle:
    preStop:
      exec:
        command:
          - node
          - --max-semi-space-size=32
          - --no-allocation-site-pretenuring
          - /app/plumbline.js
          - retire
          {{- if not $text }}
          - --config
          - /etc/plumbline/plumbline.yaml
          {{- end }}
  {{- end }}
  terminationMessagePolicy: FallbackToLogsOnError
  securityContext:
    {{- include "plumbline.containerSecurity" . | nindent 4 }}
  volumeMounts:
    - name: plumbline-config
      mountPath: {{ empty $text | ternary "/etc/plumbline" (printf "/etc/plumbline/contracts/%s" $api) }}
      readOnly: true
    - name: plumbline-state
      mountPath: /var/lib/plumbline
{{- end }}

{{- define "plumbline.volumes" -}}
{{- if .Values.sidecar.enabled -}}
{{- $configMap := include "plumbline.configMap" (list . "sidecar") -}}
- name: plumbline-config
  {{- if and $configMap .Values.contracts }}
  {{- include "plumbline.projected" (list . "sidecar" $configMap) | nindent 2 }}
  {{- else if $configMap }}
  configMap:
    name: {{ $configMap | quote }}
  {{- else }}
  {{- $contract := include "plumbline.contract" (list . (include "plumbline.api" (list . "sidecar"))) | fromYaml }}
  configMap:
    name: {{ $contract.configMap | quote }}
    {{- if eq .Values.sidecar.enforce "none" }}
    optional: true
    {{- end }}
  {{- end }}
- name: plumbline-state
  emptyDir:
    sizeLimit: {{ .Values.sidecar.stateSizeLimit }}
{{- end -}}
{{- end }}
