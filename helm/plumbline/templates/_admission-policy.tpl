{{/*
Pieces of CEL for the MutatingAdmissionPolicy: what src/inject decides and writes, said once more in the language of the API server. The names are those of
the functions there; test/admission-policy runs both over the same pods and compares.
*/}}

{{/* The newest version of the API that the cluster has, or the one that was asked for. Where none is known (`helm template`): that of its Kubernetes (KEP-3962). */}}
{{- define "plumbline.policyVersion" -}}
{{- $found := .Values.injection.policy.apiVersion -}}
{{- $kube := .Capabilities.KubeVersion.Version -}}
{{- range $version := list "v1" "v1beta1" "v1alpha1" -}}
{{- if and (not $found) ($.Capabilities.APIVersions.Has (printf "admissionregistration.k8s.io/%s/MutatingAdmissionPolicy" $version)) -}}
{{- $found = $version -}}
{{- end -}}
{{- end -}}
{{- if and (not $found) (semverCompare "<1.32-0" $kube) -}}
{{- fail (printf "injection.kind policy needs MutatingAdmissionPolicy, from Kubernetes 1.36 on, or 1.32 with its feature gate, and this is %s: take the webhook" $kube) -}}
{{- end -}}
admissionregistration.k8s.io/{{ $found | default (semverCompare ">=1.36-0" $kube | ternary "v1" (semverCompare ">=1.34-0" $kube | ternary "v1beta1" "v1alpha1")) }}
{{- end }}

{{/* "port": what the pod's annotation says, an optional text. */}}
{{- define "plumbline.cel.annotation" -}}
object.metadata.?annotations[?'plumbline.dev/{{ . }}']
{{- end }}

{{/* (list settings "port"): the annotation over the setting; '' where there is neither. */}}
{{- define "plumbline.cel.wish" -}}
{{ include "plumbline.cel.annotation" (index . 1) }}.orValue({{ index (index . 0) (index . 1) | default "" | toString | toJson }})
{{- end }}

{{/* (list "image" 512 (list pattern…)): an annotation is not there, or has this form: at most so many characters, all of the patterns. */}}
{{- define "plumbline.cel.hasForm" -}}
{{- $annotation := include "plumbline.cel.annotation" (index . 0) -}}
!{{ $annotation }}.hasValue() || {{ $annotation }}.value().size() <= {{ index . 1 }}
{{- range index . 2 }} && {{ $annotation }}.value().matches(r'{{ . }}'){{ end }}
{{- end }}

{{/* (list "cpu-limit" "[m]?" "50m"): an annotation is not there, or a quantity with one of the suffixes, and no less than that. */}}
{{- define "plumbline.cel.isQuantity" -}}
{{- $annotation := include "plumbline.cel.annotation" (index . 0) -}}
!{{ $annotation }}.hasValue() || {{ $annotation }}.value().matches(r'^[0-9]{1,12}([.][0-9]{1,3})?{{ index . 1 }}$')
 && quantity({{ $annotation }}.value()).compareTo(quantity('{{ index . 2 }}')) >= 0
{{- end }}

{{/* (list settings "cpu" annotation annotation): requests that are not above limits. */}}
{{- define "plumbline.cel.isBelowLimit" -}}
{{- $resources := (index . 0).resources -}}
{{- $request := include "plumbline.cel.annotation" (index . 2) -}}
{{- $limit := include "plumbline.cel.annotation" (index . 3) -}}
{{- $limitOfSettings := index $resources.limits (index . 1) | default "" | toString -}}
{{- if not $limitOfSettings -}}
!{{ $limit }}.hasValue() ||{{ " " }}
{{- end -}}
quantity({{ $request }}.orValue('{{ index $resources.requests (index . 1) }}')).compareTo(quantity({{ $limit }}.orValue('{{ $limitOfSettings | default "1" }}'))) <= 0
{{- end }}

{{/* TCP ports of the container c. */}}
{{- define "plumbline.cel.tcpPorts" -}}
c.?ports.orValue([]).filter(p, p.?protocol.orValue('TCP') == 'TCP')
{{- end }}

{{/* isWanted: whether p is the app's port: the one with that number, the one with that name, else any. */}}
{{- define "plumbline.cel.isWanted" -}}
(variables.byNumber ? string(p.containerPort) == variables.wanted : variables.byName ? p.?name.orValue('') == variables.name : variables.wanted == '')
{{- end }}

{{/* An expression over a container c, for all containers of the pod: a list with an item for each. */}}
{{- define "plumbline.cel.ofContainers" -}}
object.spec.containers.map(c, {{ . }}) + object.spec.?initContainers.orValue([]).map(c, {{ . }})
{{- end }}

{{/* Numbers that the probes of the container c ask; 0 where there is none. A named port is a text, which is no number. */}}
{{- define "plumbline.cel.probed" -}}
{{- $numbers := list -}}
{{- range $probe := list "startupProbe" "readinessProbe" "livenessProbe" -}}
{{- range $handler := list "httpGet" "tcpSocket" "grpc" -}}
{{- $numbers = append $numbers (printf "dyn(c.?%s.?%s.?port.orValue(0))" $probe $handler) -}}
{{- end -}}
{{- end -}}
[{{ join ", " $numbers }}]
{{- end }}

{{/* "place" or "value": where probes and hooks of the app's container may name a port, or what they say there. */}}
{{- define "plumbline.cel.references" -}}
{{- $all := list -}}
{{- range $above := list "startupProbe" "readinessProbe" "livenessProbe" "lifecycle.postStart" "lifecycle.preStop" -}}
{{- range $handler := list "httpGet" "tcpSocket" -}}
{{- if eq $ "place" -}}
{{- $all = append $all (printf "'/%s/%s/port'" ($above | replace "." "/") $handler) -}}
{{- else -}}
{{- $all = append $all (printf "dyn(variables.app.?%s.?%s.?port.orValue(0))" ($above | replace "." ".?") $handler) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join ", " $all -}}
{{- end }}

{{/* (list variable standard): numbers that nothing else in the pod is known to use, best first. */}}
{{- define "plumbline.cel.freeNumbers" -}}
(variables.config == '' ? [0, 100, 200, 300, 400] : [0]).map(more, {{ . }} + more).filter(n, n != variables.number && !variables.usedNumbers.exists(l, n in l))
{{- end }}
