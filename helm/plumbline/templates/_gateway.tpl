{{/* What a gateway is, wherever it stands: its configuration, its container, its volumes. */}}

{{/* (list . "sidecar"): the ConfigMap that has the whole configuration, or nothing where it is made of settings. */}}
{{- define "plumbline.configMap" -}}
{{- $root := index . 0 -}}
{{- $where := index . 1 -}}
{{- $values := index $root.Values $where -}}
{{- if and $values.configFrom.configMap $values.config -}}
{{- fail (printf "%s.config and %s.configFrom: one of them" $where $where) -}}
{{- end -}}
{{- if or $values.configFrom.configMap $values.config -}}
{{- range $key, $place := dict "api" "routes[].contract" "owner" "contracts.<name>.owner" "upstream" "routes[].upstream" "trustedPeers" "trust.peers" -}}
{{- if index $values $key -}}
{{- fail (printf "%s.%s is set beside a configuration of your own: say it there, in %s" $where $key $place) -}}
{{- end -}}
{{- end -}}
{{- if ne $values.enforce "none" -}}
{{- fail (printf "%s.enforce is set beside a configuration of your own: say it there, in policies.contract" $where) -}}
{{- else if ne (toString $values.log) "stdout" -}}
{{- fail (printf "%s.log is set beside a configuration of your own: say it there, in telemetry.accessLog" $where) -}}
{{- else if hasKey $values "preserveHost" | and (not $values.preserveHost) -}}
{{- fail (printf "%s.preserveHost is set beside a configuration of your own: say it there, in routes[].upstream.preserveHost" $where) -}}
{{- end -}}
{{- end -}}
{{- $values.configFrom.configMap | default (and $values.config (include "plumbline.nameFor" (list $root $where))) | default "" -}}
{{- end }}

{{/*
(list . "sidecar"): YAML of `drain`, empty for the defaults: what fits into the time that the pod has (src/inject/drain.ts). A native sidecar is told to end when nobody calls any
more; all else has to go on accepting until Services no longer lead to it.
*/}}
{{- define "plumbline.drain" -}}
{{- $root := index . 0 -}}
{{- $values := index $root.Values (index . 1) -}}
{{- $spare := max 0 (sub (int $values.terminationGracePeriodSeconds) 2) | min 3600 -}}
{{- if and (eq (index . 1) "sidecar") (eq (include "plumbline.form" (list $root $values.form)) "native") -}}
{{- if lt (int $spare) 25 -}}
{{- dict "delay" "0s" "grace" (printf "%ds" $spare) | toYaml -}}
{{- end -}}
{{- else -}}
{{- $delay := div $spare 4 | min 5 -}}
{{- dict "delay" (printf "%ds" $delay) "grace" (sub $spare $delay | printf "%ds") | toYaml -}}
{{- end -}}
{{- end }}

{{/*
(list . "sidecar" traffic probes): text of the configuration that a user wrote into values. Kubelet, Service and Prometheus dial ports of the pod's address: they must be there.
How it ends is added unless it says so itself.
*/}}
{{- define "plumbline.ownConfig" -}}
{{- $where := index . 1 -}}
{{- $traffic := index . 2 | int -}}
{{- $probes := index . 3 | int -}}
{{- $config := (index (index . 0).Values $where).config -}}
{{- if not (hasKey $config "probes") -}}
{{- fail (printf "%s.config has no probes: the kubelet asks them for health; write probes: {}" $where) -}}
{{- end -}}
{{- $asked := dig "port" 7091 ($config.probes | default dict) -}}
{{- if and (not (kindIs "string" $asked)) (ne (int $asked) $probes) -}}
{{- fail (printf "%s.config.probes.port is %d, and the kubelet asks %d" $where (int $asked) $probes) -}}
{{- end -}}
{{- if include "plumbline.isLoopback" (dig "host" "" ($config.probes | default dict)) -}}
{{- fail (printf "%s.config.probes.host is %s, and the kubelet asks the pod's address: leave it out" $where $config.probes.host) -}}
{{- end -}}
{{- $found := false -}}
{{- range $config.listeners -}}
{{- $port := dig "port" 7080 . -}}
{{- if and (or (kindIs "string" $port) (eq (int $port) $traffic)) (not (include "plumbline.isLoopback" (dig "host" "" .))) -}}
{{- $found = true -}}
{{- end -}}
{{- end -}}
{{- if not $found -}}
{{- fail (printf "%s.config.listeners: none listens on %d of the pod's address, where requests come" $where $traffic) -}}
{{- end -}}
{{- $drain := include "plumbline.drain" (list (index . 0) $where) | fromYaml -}}
{{- if and $drain (not (hasKey $config "drain")) -}}
{{- $config = set (deepCopy $config) "drain" $drain -}}
{{- end -}}
{{- toYaml $config -}}
{{- end }}

{{- define "plumbline.isLoopback" -}}
{{- if regexMatch "^(127[.].*|::1|localhost)$" . }}true{{ end -}}
{{- end }}

{{/* Restricted Pod Security, and a root that is not written to. */}}
{{- define "plumbline.containerSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
readOnlyRootFilesystem: true
allowPrivilegeEscalation: false
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* Of the pods of this chart; a sidecar leaves the pod's as it is. */}}
{{- define "plumbline.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{/* (list "sidecar" env): list of environment variables, by name. */}}
{{- define "plumbline.env" -}}
{{- $where := index . 0 -}}
{{- range $name, $value := index . 1 }}
{{- if regexMatch "^PLUMBLINE_(CONFIG|CONFIG_YAML|SPEC|UPSTREAM|ENFORCE)$" $name -}}
{{- fail (printf "%s.env.%s: the chart says itself which configuration there is; set %s.config" $where $name $where) -}}
{{- end }}
- name: {{ $name }}
  {{- if kindIs "string" $value }}
  value: {{ $value | quote }}
  {{- else }}
  valueFrom:
    {{- toYaml $value | nindent 4 }}
  {{- end }}
{{- end }}
{{- end }}

{{/* (list . "standalone" configMap): one volume with the configuration and every contract, swapped as one. */}}
{{- define "plumbline.projected" -}}
{{- $root := index . 0 -}}
{{- $where := index . 1 -}}
{{- $values := index $root.Values $where -}}
projected:
  sources:
    - configMap:
        name: {{ index . 2 | quote }}
        items:
          - { key: plumbline.yaml, path: plumbline.yaml }
    {{- range $name := keys ($root.Values.contracts | default dict) | sortAlpha }}
    {{- $contract := include "plumbline.contract" (list $root $name) | fromYaml }}
    - configMap:
        name: {{ $contract.configMap | quote }}
        {{- if and (not $contract.ours) (include "plumbline.mayBeMissing" (list $values $name)) }}
        optional: true
        {{- end }}
        items:
          {{- range prepend $contract.files $contract.key }}
          - { key: {{ . | quote }}, path: {{ printf "contracts/%s/%s" $name . | quote }} }
          {{- end }}
    {{- end }}
{{- end }}

{{/* (list values name): whether a gateway starts without this contract. What enforces does not: nothing would be refused. */}}
{{- define "plumbline.mayBeMissing" -}}
{{- $values := index . 0 -}}
{{- if $values.config -}}
{{- $contract := index ($values.config.contracts | default dict) (index . 1) | default dict -}}
{{- if eq ($contract.onError | default "exit") "proxy" }}true{{ end -}}
{{- else if eq $values.enforce "none" -}}
true
{{- end -}}
{{- end }}
