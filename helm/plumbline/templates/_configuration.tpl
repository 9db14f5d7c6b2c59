{{/*
Text of a configuration that is made of settings; as `plumbline inject` makes it for a sidecar (src/inject/configuration.ts): a test compares them.
dict: values (of `sidecar` or `standalone`), api, contract (path), upstream, ports (traffic, probes, admin), drain (or nothing).
*/}}
{{- define "plumbline.configuration" -}}
{{- $enforce := .values.enforce -}}
service: { name: {{ .api | quote }} }
{{- if ne (int .ports.admin) 7090 }}
admin: { port: {{ .ports.admin }} }
{{- end }}
probes: {{ eq (int .ports.probes) 7091 | ternary "{}" (printf "{ port: %d }" (int .ports.probes)) }}
{{- with .drain }}
drain: { delay: {{ .delay }}, grace: {{ .grace }} }
{{- end }}
trust: { peers: [{{ range $i, $peer := .values.trustedPeers | default (include "plumbline.privatePeers" . | fromYamlArray) }}{{ if $i }}, {{ end }}{{ $peer | quote }}{{ end }}] }
{{- if ne (toString .values.log) "stdout" }}
telemetry: { accessLog: off }
{{- end }}
state: { dir: /var/lib/plumbline }
contracts:
  {{ .api | quote }}:
    openapi: {{ .contract }}
    onError: {{ eq $enforce "none" | ternary "proxy" "exit" }}
    {{- with .values.owner }}
    owner: { team: {{ . | quote }} }
    {{- end }}
listeners:
  ingress: { direction: ingress, port: {{ .ports.traffic }} }
routes:
  - name: {{ .api | quote }}
    listener: ingress
    upstream: {{ .upstream }}
    contract: {{ .api | quote }}
    {{- if ne $enforce "none" }}
    policies: { contract: { request: {{ has $enforce (list "request" "both") | ternary "enforce" "report" }}, response: {{ has $enforce (list "response" "both") | ternary "enforce" "report" }} } }
    {{- end }}
{{ end }}

{{/* Loopback, RFC 1918, RFC 6598 and RFC 4193: where callers in a cluster come from. */}}
{{- define "plumbline.privatePeers" -}}
[127.0.0.0/8, "::1/128", 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, "fc00::/7"]
{{- end }}

{{/* (list . "standalone"): of a gateway of its own. */}}
{{- define "plumbline.standaloneConfig" -}}
{{- $root := index . 0 -}}
{{- $values := $root.Values.standalone -}}
{{- if not $values.upstream -}}
{{- fail "standalone.upstream is not set: the service that the gateway stands in front of, http://billing.shop.svc:8080" -}}
{{- end -}}
{{- $api := include "plumbline.api" (list $root "standalone") -}}
{{- $contract := include "plumbline.contract" (list $root $api) | fromYaml -}}
{{- $upstream := $values.preserveHost | ternary $values.upstream (printf "{ url: %s, preserveHost: false }" $values.upstream) -}}
{{- include "plumbline.configuration" (dict "values" $values "api" $api "contract" (printf "contracts/%s/%s" $api $contract.key) "upstream" $upstream "ports" (dict "traffic" 7080 "probes" 7091 "admin" 7090) "drain" (include "plumbline.drain" . | fromYaml)) -}}
{{- end }}
