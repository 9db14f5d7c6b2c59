{{/* Names and labels. Every definition takes the context of this chart: `.`, or `.Subcharts.plumbline` in the chart of a service. */}}

{{- define "plumbline.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{/* At most 40 characters, so that what is derived from it stays below 63. A release may have a dot in its name, and a Service may not. */}}
{{- define "plumbline.fullname" -}}
{{- $name := include "plumbline.name" . -}}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- regexReplaceAll "-+$" (.Values.fullnameOverride | default $full | replace "." "-" | trunc 40) "" -}}
{{- end }}

{{/* (list . name): name of a Service, which begins with a letter (RFC 1035). */}}
{{- define "plumbline.serviceName" -}}
{{- $name := index . 1 -}}
{{- if regexMatch "^[0-9]" $name -}}
{{- fail (printf "the Service would be called %s, and the name of a Service begins with a letter: set fullnameOverride" $name) -}}
{{- end -}}
{{- $name -}}
{{- end }}

{{/* (list . "contract-Billing_v2"): a name of at most 63 characters; what had to be changed for it gets a hash, so that two never become one. */}}
{{- define "plumbline.nameFor" -}}
{{- $suffix := index . 1 -}}
{{- $plain := regexReplaceAll "[^a-z0-9-]+" ($suffix | lower) "-" | trimSuffix "-" -}}
{{- $name := printf "%s-%s" (include "plumbline.fullname" (index . 0)) $plain -}}
{{- if or (ne $plain $suffix) (gt (len $name) 63) -}}
{{- printf "%s-%s" ($name | trunc 54 | trimSuffix "-") (sha256sum $suffix | trunc 8) -}}
{{- else -}}
{{- $name -}}
{{- end -}}
{{- end }}

{{/* (list . "gateway"): what a selector may have: nothing that an upgrade changes. */}}
{{- define "plumbline.selectorLabels" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ include "plumbline.name" $root | quote }}
app.kubernetes.io/instance: {{ $root.Release.Name | trunc 63 | quote }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{/* Labels of an object. */}}
{{- define "plumbline.labels" -}}
{{- $ours := dict
  "app.kubernetes.io/name" (include "plumbline.name" .)
  "app.kubernetes.io/instance" (.Release.Name | trunc 63)
  "app.kubernetes.io/version" (.Chart.AppVersion | replace "+" "_" | trunc 63)
  "app.kubernetes.io/managed-by" .Release.Service
  "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") -}}
{{- mergeOverwrite $ours (.Values.labels | default dict) | toYaml -}}
{{- end }}

{{/* (list . "gateway" podLabels): labels of a pod. Those of its selector are not to be overwritten; and no injector waits for itself. */}}
{{- define "plumbline.podLabels" -}}
{{- $root := index . 0 -}}
{{- $ours := include "plumbline.selectorLabels" (list $root (index . 1)) | fromYaml -}}
{{- $_ := set $ours "plumbline.dev/inject" "disabled" -}}
{{- mergeOverwrite (deepCopy ($root.Values.labels | default dict)) (index . 2) $ours | toYaml -}}
{{- end }}

{{/* (list . "gateway" name annotations namespace [labels]): `metadata` of an object of a component; no namespace: an object of the cluster. */}}
{{- define "plumbline.metadata" -}}
{{- $root := index . 0 -}}
{{- $labels := mergeOverwrite (include "plumbline.labels" $root | fromYaml) (dict "app.kubernetes.io/component" (index . 1)) (gt (len .) 5 | ternary (last .) dict) -}}
name: {{ index . 2 | quote }}
{{- with index . 4 }}
namespace: {{ . | quote }}
{{- end }}
labels:
  {{- toYaml $labels | nindent 2 }}
{{- with mergeOverwrite (deepCopy ($root.Values.annotations | default dict)) (index . 3) }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "plumbline.image" -}}
{{- $image := .Values.image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository ($image.tag | default .Chart.AppVersion) -}}
{{- end -}}
{{- end }}
