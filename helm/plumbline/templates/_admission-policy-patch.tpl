{{/*
What an injection changes, in the order of src/inject/inject.ts. A JSON Patch: an ApplyConfiguration may have no list that is atomic, and the sidecar has
several (args, command, capabilities.drop). A list that is absent is made first; the API server leaves empty ones out. Takes the settings of injected sidecars.
*/}}
{{- define "plumbline.cel.patch" -}}
variables.fits ?
(variables.portName == '' ? [] : [JSONPatch{
  op: 'replace', path: variables.place + '/ports/' + string(variables.ports.indexOf(variables.port[0])) + '/name', value: variables.namesOfApp[0]
}])
+ variables.references.map(path, JSONPatch{op: 'replace', path: variables.place + path, value: variables.namesOfApp[0]})
+ (has(variables.app.ports) ? [] : [JSONPatch{op: 'add', path: variables.place + '/ports', value: []}])
+ [JSONPatch{op: 'add', path: variables.place + '/ports/-', value: Object.spec.containers.ports{
  name: variables.namesOfTraffic[0], containerPort: variables.traffic[0], protocol: 'TCP'
}}]
+ (has(object.spec.initContainers) ? [] : [JSONPatch{op: 'add', path: '/spec/initContainers', value: []}])
+ [JSONPatch{op: 'add', path: '/spec/initContainers/-', value: Object.spec.initContainers{
  name: 'plumbline',
  image: {{ include "plumbline.cel.wish" (list . "image") }},
  {{- with .imagePullPolicy }}
  imagePullPolicy: {{ toJson . }},
  {{- end }}
  restartPolicy: 'Always',
  ?args: variables.config == '' ? optional.of(['run']) : optional.none(),
  ?env: variables.config == '' ? optional.of([Object.spec.initContainers.env{name: 'PLUMBLINE_CONFIG_YAML', value: variables.configuration}]) : optional.none(),
  ports: [Object.spec.initContainers.ports{name: 'plumbline', containerPort: variables.probes[0], protocol: 'TCP'}],
  resources: Object.spec.initContainers.resources{
    requests: Object.spec.initContainers.resources.requests{
      cpu: {{ include "plumbline.cel.annotation" "cpu-request" }}.orValue({{ .resources.requests.cpu | toString | toJson }}),
      memory: {{ include "plumbline.cel.annotation" "memory-request" }}.orValue({{ .resources.requests.memory | toString | toJson }})
    },
    limits: Object.spec.initContainers.resources.limits{
      ?cpu: variables.cpuLimit == '' ? optional.none() : optional.of(variables.cpuLimit),
      memory: {{ include "plumbline.cel.annotation" "memory-limit" }}.orValue({{ .resources.limits.memory | toString | toJson }})
    }
  },
  startupProbe: Object.spec.initContainers.startupProbe{
    httpGet: Object.spec.initContainers.startupProbe.httpGet{path: '/startupz', port: variables.probes[0]},
    periodSeconds: 1, timeoutSeconds: 1, failureThreshold: 120
  },
  readinessProbe: Object.spec.initContainers.readinessProbe{
    httpGet: Object.spec.initContainers.readinessProbe.httpGet{path: '/readyz', port: variables.probes[0]},
    periodSeconds: 5, timeoutSeconds: 2, failureThreshold: 3
  },
  livenessProbe: Object.spec.initContainers.livenessProbe{
    httpGet: Object.spec.initContainers.livenessProbe.httpGet{path: '/healthz', port: variables.probes[0]},
    periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6
  },
  lifecycle: Object.spec.initContainers.lifecycle{preStop: Object.spec.initContainers.lifecycle.preStop{
    exec: Object.spec.initContainers.lifecycle.preStop.exec{command: variables.config == ''
      ? ['node', '--max-semi-space-size=32', '--no-allocation-site-pretenuring', '/app/plumbline.js', 'retire']
      : ['node', '--max-semi-space-size=32', '--no-allocation-site-pretenuring', '/app/plumbline.js', 'retire', '--config', '/etc/plumbline/plumbline.yaml']
    }
  }},
  terminationMessagePolicy: 'FallbackToLogsOnError',
  securityContext: Object.spec.initContainers.securityContext{
    runAsNonRoot: true,
    ?runAsUser: variables.isOurUser ? optional.of(65532) : optional.none(),
    ?runAsGroup: variables.isOurUser ? optional.of(65532) : optional.none(),
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: Object.spec.initContainers.securityContext.capabilities{drop: ['ALL']},
    seccompProfile: Object.spec.initContainers.securityContext.seccompProfile{type: 'RuntimeDefault'}
  },
  volumeMounts: [
    Object.spec.initContainers.volumeMounts{
      name: 'plumbline-config',
      mountPath: variables.config == '' ? '/etc/plumbline/contracts/' + variables.api : '/etc/plumbline',
      readOnly: true
    },
    Object.spec.initContainers.volumeMounts{name: 'plumbline-state', mountPath: '/var/lib/plumbline'}
  ]
}}]
+ (has(object.spec.volumes) ? [] : [JSONPatch{op: 'add', path: '/spec/volumes', value: []}])
+ [
  JSONPatch{op: 'add', path: '/spec/volumes/-', value: Object.spec.volumes{
    name: 'plumbline-config',
    configMap: Object.spec.volumes.configMap{
      name: variables.config == '' ? variables.contract.split('/')[0] : variables.config,
      ?optional: variables.mayBeMissing ? optional.of(true) : optional.none()
    }
  }},
  JSONPatch{op: 'add', path: '/spec/volumes/-', value: Object.spec.volumes{
    name: 'plumbline-state', emptyDir: Object.spec.volumes.emptyDir{sizeLimit: '64Mi'}
  }}
]
+ (has(object.metadata.annotations) ? [] : [JSONPatch{op: 'add', path: '/metadata/annotations', value: Object.metadata.annotations{}}])
+ (!variables.evictable ? [] : [JSONPatch{
  op: 'add',
  path: '/metadata/annotations/cluster-autoscaler.kubernetes.io~1safe-to-evict-local-volumes',
  value: variables.volumesBefore.hasValue() ? variables.volumesBefore.value() + ',plumbline-state' : 'plumbline-state'
}])
+ [JSONPatch{op: 'add', path: '/metadata/annotations/plumbline.dev~1injected', value: variables.record}]
: []
{{- end }}
