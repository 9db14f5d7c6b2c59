{{/* The settings of injected sidecars as `plumbline injector --settings` reads them. */}}
{{- define "plumbline.injectSettings" -}}
{{- $settings := deepCopy .Values.injection.settings -}}
{{- $_ := set $settings "image" (include "plumbline.image" .) -}}
{{- /* `off` without quotes is false for Helm, which reads YAML 1.1. */ -}}
{{- if kindIs "bool" $settings.log -}}
{{- $_ := set $settings "log" "off" -}}
{{- end -}}
{{- $_ := set $settings "trustedPeers" ($settings.trustedPeers | default list) -}}
{{- with .Values.image.pullPolicy -}}
{{- $_ := set $settings "imagePullPolicy" . -}}
{{- end -}}
{{- $_ := set $settings "form" (include "plumbline.form" (list . $settings.form)) -}}
{{- toYaml $settings -}}
{{- end }}

{{/* (list . "auto"): `native` or `legacy`. Native sidecars are on by default from Kubernetes 1.29 on (KEP-753). */}}
{{- define "plumbline.form" -}}
{{- $native := semverCompare ">=1.29-0" (index . 0).Capabilities.KubeVersion.Version -}}
{{- index . 1 | eq "auto" | ternary ($native | ternary "native" "legacy") (index . 1) -}}
{{- end }}
