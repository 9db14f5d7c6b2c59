import { type Leaf, type Value, flag, leaf, list, section, word } from '../describe.ts';
import { DNS_LABEL, LABEL_KEY, PROMETHEUS_DURATION, annotations, labels } from '../forms.ts';
import { labelSelector, labelValue, peer } from './pods.ts';

const ADDRESS = '^https?://[^\\s]*$';

function home(what: string): Leaf {
  return word(`Namespace of ${what}. Empty: that of the release.`, '', 'namespace', DNS_LABEL);
}

const podMonitor: Value = section(
  'How Prometheus Operator scrapes gateways: every pod with a port called `plumbline`, sidecars and others.',
  {
    enabled: flag('Whether there is a PodMonitor. It needs the CRDs of Prometheus Operator.', false),
    namespace: home('the PodMonitor'),
    anyNamespace: flag('Whether pods of all namespaces are scraped. `false`: those of the release.', true),
    selector: leaf('Which pods. Empty: all that have the port.', {}, 'label selector', labelSelector),
    interval: word('How often. Empty: as Prometheus is set.', '30s', 'duration', `^$|${PROMETHEUS_DURATION}`),
    scrapeTimeout: word('How long it may take. Empty: as Prometheus is set.', '', 'duration', PROMETHEUS_DURATION),
    jobLabel: word(
      "Label of the pod that becomes `job`. A pod without it has the PodMonitor's name.",
      'app.kubernetes.io/name',
      'label',
      LABEL_KEY,
    ),
    labels: leaf('Labels by which a Prometheus chooses its PodMonitors.', {}, 'mapping: label → value', labels),
  },
);

const prometheusRule: Value = section('Recording and alerting rules for Prometheus Operator: those of config/prometheus.', {
  enabled: flag('Whether there is a PrometheusRule. It needs the CRDs of Prometheus Operator.', false),
  namespace: home('the PrometheusRule'),
  labels: leaf('Labels by which a Prometheus chooses its rules.', {}, 'mapping: label → value', labels),
  disabled: list('Alerts that are left out, by name.', 'list of names', { type: 'string', pattern: '^[A-Za-z]+$' }),
  alertLabels: leaf('Labels that every alert gets besides.', {}, 'mapping: label → value', labels),
  runbookUrl: word('Where the runbooks are published, with a slash at its end. Empty: their place in the repository.', '', 'URL', ADDRESS),
  dashboardUrl: word(
    'Address of Grafana, without a slash at its end: `https://grafana.example`. Empty: their place in the repository.',
    '',
    'URL',
    ADDRESS,
  ),
});

const dashboards: Value = section("The Grafana boards, a ConfigMap each, for the sidecar of Grafana's chart.", {
  enabled: flag('Whether there are any.', false),
  namespace: home('the ConfigMaps'),
  label: word('Label that the sidecar looks for.', 'grafana_dashboard', 'label', LABEL_KEY),
  labelValue: leaf('Its value.', '1', 'label value', labelValue),
  folder: leaf('Folder in Grafana, as the annotation `grafana_folder`. Empty: none.', '', 'text', { type: 'string', maxLength: 200 }),
  annotations: leaf('Further annotations.', {}, 'mapping: annotation → text', annotations),
  runbookUrl: word('Where the runbooks are published, with a slash at its end. Empty: their place in the repository.', '', 'URL', ADDRESS),
});

const networkPolicy: Value = section("Who may reach the pods of this chart: the gateway's traffic, its probes and metrics, the injector.", {
  enabled: flag('Whether there are NetworkPolicies.', false),
  trafficFrom: list('Who may send requests to the standalone gateway. Empty: everyone.', 'list of peers', peer),
  metricsFrom: list('Who may reach probes and metrics, besides the kubelet of the node. Empty: everyone.', 'list of peers', peer),
  webhookFrom: list(
    'Who may reach the injector: the API server, whose address policies cannot name by label. Empty: everyone.',
    'list of peers',
    peer,
  ),
});

const tests: Value = section('`helm test`: a pod that asks for `/readyz`.', {
  enabled: flag('Whether there is one.', true),
});

export const monitoring: Readonly<Record<string, Value>> = { podMonitor, prometheusRule, dashboards, networkPolicy, tests };
