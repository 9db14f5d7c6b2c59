{{/* What the pods of this chart have in common, and what stands around them. */}}

{{/* (list . "gateway" values): security, scheduling and the rest of a pod. */}}
{{- define "plumbline.podBasics" -}}
{{- $root := index . 0 -}}
{{- $component := index . 1 -}}
{{- $values := index . 2 -}}
securityContext:
  {{- include "plumbline.podSecurity" $root | nindent 2 }}
# Variables for each Service of the namespace: a Service called plumbline would give us PLUMBLINE_PORT.
enableServiceLinks: false
{{- with $root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.priorityClassName }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $values.topologySpreadConstraints }}
topologySpreadConstraints:
  {{- range . }}
  - {{ toYaml . | nindent 4 | trim }}
    labelSelector:
      matchLabels:
        {{- include "plumbline.selectorLabels" (list $root $component) | nindent 8 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* 7091: of a container that listens there. By number: Istio, which rewrites probes, has read names in more ways than one. Its start may take two minutes, on a node that is busy; a restart cuts what is in flight, so that it takes a minute of silence. */}}
{{- define "plumbline.probes" -}}
startupProbe:
  httpGet: { path: /startupz, port: {{ . }} }
  periodSeconds: 1
  timeoutSeconds: 1
  failureThreshold: 120
readinessProbe:
  httpGet: { path: /readyz, port: {{ . }} }
  periodSeconds: 5
  timeoutSeconds: 2
  failureThreshold: 3
livenessProbe:
  httpGet: { path: /healthz, port: {{ . }} }
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 6
{{- end }}

{{/* (list serviceAccount name) */}}
{{- define "plumbline.serviceAccount" -}}
{{- $account := index . 0 -}}
{{- $account.name | default ($account.create | ternary (index . 1) "default") -}}
{{- end }}

{{/* (list . component name annotations) */}}
{{- define "plumbline.serviceAccountObject" }}
apiVersion: v1
kind: ServiceAccount
metadata:
  {{- include "plumbline.metadata" (list (index . 0) (index . 1) (index . 2) (index . 3) (index . 0).Release.Namespace) | nindent 2 }}
automountServiceAccountToken: false
{{- end }}

{{/* (list . component name maxUnavailable) */}}
{{- define "plumbline.disruptionBudget" }}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  {{- include "plumbline.metadata" (list (index . 0) (index . 1) (index . 2) dict (index . 0).Release.Namespace) | nindent 2 }}
spec:
  maxUnavailable: {{ index . 3 }}
  {{- if semverCompare ">=1.27-0" (index . 0).Capabilities.KubeVersion.Version }}
  # A pod that is not ready serves nobody: it does not keep a node from being drained.
  unhealthyPodEvictionPolicy: AlwaysAllow
  {{- end }}
  selector:
    matchLabels:
      {{- include "plumbline.selectorLabels" (list (index . 0) (index . 1)) | nindent 6 }}
{{- end }}
