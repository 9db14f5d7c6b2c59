{{/* Contracts: which one, where its documents are, and whether they fit. */}}

{{/* (list . "sidecar"): the name of the contract that this gateway has. */}}
{{- define "plumbline.api" -}}
{{- $root := index . 0 -}}
{{- $where := index . 1 -}}
{{- $api := (index $root.Values $where).api -}}
{{- $names := keys ($root.Values.contracts | default dict) | sortAlpha -}}
{{- if not $names -}}
{{- fail (printf "%s needs a contract: set contracts.<name>.openapi (--set-file contracts.billing.openapi=openapi.yaml) or contracts.<name>.fromConfigMap, or a configuration of your own in %s.config" $where $where) -}}
{{- else if $api -}}
{{- if not (has $api $names) -}}
{{- fail (printf "%s.api is %q, and contracts has %s" $where $api (join ", " $names)) -}}
{{- end -}}
{{- $api -}}
{{- else if gt (len $names) 1 -}}
{{- fail (printf "%s.api is not set, and contracts has %s: say which" $where (join ", " $names)) -}}
{{- else -}}
{{- first $names -}}
{{- end -}}
{{- end }}

{{/* (list . name): YAML of { configMap, key, files, ours }. */}}
{{- define "plumbline.contract" -}}
{{- $root := index . 0 -}}
{{- $name := index . 1 -}}
{{- $contract := index $root.Values.contracts $name -}}
{{- $from := $contract.fromConfigMap -}}
{{- if and $from (or $contract.openapi $contract.files) -}}
{{- fail (printf "contracts.%s has fromConfigMap and openapi or files: one of them" $name) -}}
{{- end -}}
{{- if $from -}}
{{- dict "configMap" $from.name "key" ($from.key | default "openapi.yaml") "files" ($from.files | default list) "ours" false | toYaml -}}
{{- else if $contract.openapi -}}
{{- $files := keys ($contract.files | default dict) | sortAlpha -}}
{{- if has "openapi.yaml" $files -}}
{{- fail (printf "contracts.%s.files has openapi.yaml, which is what contracts.%s.openapi is called" $name $name) -}}
{{- end -}}
{{- dict "configMap" (include "plumbline.nameFor" (list $root (printf "contract-%s" $name))) "key" "openapi.yaml" "files" $files "ours" true | toYaml -}}
{{- else -}}
{{- fail (printf "contracts.%s has no openapi and no fromConfigMap" $name) -}}
{{- end -}}
{{- end }}

{{/* (list what data): fails where a ConfigMap would be refused; the API server counts the bytes of all values. */}}
{{- define "plumbline.fits" -}}
{{- $bytes := 0 -}}
{{- range $key, $text := index . 1 -}}
{{- $bytes = add $bytes (len $text) -}}
{{- end -}}
{{- if gt (int $bytes) 1048576 -}}
{{- fail (printf "%s has %d bytes, and a ConfigMap takes 1048576 (1 MiB): split the document over several contracts, bundle less of it, or let the gateway fetch it from a URL (config.contracts.<name>.openapi)" (index . 0) (int $bytes)) -}}
{{- end -}}
{{- end }}
