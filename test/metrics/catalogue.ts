/**
 * The metrics that dashboards, alerts and people rely on, as the design lists them: name, type, labels. A name or a label that changes here breaks
 * what others have built on it; whoever means that changes it in both places. Metrics beyond these may come and go.
 */
const SECONDS = '0.005 0.01 0.025 0.05 0.1 0.25 0.5 1 2.5 5 10';
const BYTES = '256 1024 4096 16384 65536 262144 1048576 4194304';
const OVERHEAD = '0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1';

/** `O`: direction, api, operation. */
const ROWS = `
request_duration_seconds             histogram O status_class                                        | ${SECONDS}
requests_total                       counter   O method status_code code origin
consumer_requests_total              counter   direction api consumer consumer_version status_class
requests_in_flight                   gauge     direction api
request_body_bytes                   histogram direction api                                         | ${BYTES}
response_body_bytes                  histogram direction api                                         | ${BYTES}
upstream_attempt_duration_seconds    histogram api operation status_class                            | 0.01 0.05 0.1 0.25 1 2.5 10
upstream_attempts_total              counter   api operation status_class code
contract_checks_total                counter   O side outcome reason
contract_violations_total            counter   O side location rule
drift_findings                       gauge     O kind state
drift_observations_total             counter   O kind
deprecated_usage_total               counter   O element consumer
deprecation_sunset_timestamp_seconds gauge     api operation
error_codes_total                    counter   api operation code
retries_total                        counter   api operation reason
retry_outcomes_total                 counter   api operation outcome
retries_suppressed_total             counter   api operation reason
client_retries_total                 counter   api operation
timeouts_total                       counter   O phase
circuit_state                        gauge     api upstream state
circuit_transitions_total            counter   api upstream to
concurrency_limit                    gauge     api
concurrency_in_use                   gauge     api
shed_total                           counter   api reason
rate_limit_decisions_total           counter   api policy consumer decision
quota_remaining                      gauge     api policy
quota_limit                          gauge     api policy
idempotency_requests_total           counter   api operation outcome
preconditions_total                  counter   api operation outcome
sla_objective_ratio                  gauge     api owner
sla_latency_objective_seconds        gauge     api owner percentile
sla_requests_total                   counter   api objective good
untrusted_headers_total              counter   header
contract_info                        gauge     api contract_version digest owner
build_info                           gauge     version revision node
contract_reload_success              gauge     api
contract_reloads_total               counter   api outcome
gateway_overhead_seconds             histogram direction                                             | ${OVERHEAD}
validation_duration_seconds          histogram side                                                  | ${OVERHEAD}
label_overflow_total                 counter   label
observation_dropped_total            counter   reason
`;

export interface CatalogueRow {
  readonly name: string;
  readonly type: string;
  readonly labels: readonly string[];
  /** Upper bounds; none but of histograms. */
  readonly buckets: readonly number[];
}

export const CATALOGUE: readonly CatalogueRow[] = ROWS.trim()
  .split('\n')
  .map((row) => {
    const [left = '', right = ''] = row.split('|');
    const [name = '', type = '', ...labels] = left.trim().split(/\s+/);
    return {
      name,
      type,
      labels: labels.flatMap((label) => (label === 'O' ? ['direction', 'api', 'operation'] : [label])),
      buckets: right.trim() === '' ? [] : right.trim().split(' ').map(Number),
    };
  });

/** What keeps each label from growing without end. A label that is not here is refused until somebody says what bounds it. */
export const BOUNDS: Readonly<Record<string, string>> = {
  // ---- limits
  operation: 'telemetry.limits.operations',
  consumer: 'telemetry.limits.consumers',
  consumer_version: 'telemetry.limits.versionsPerConsumer, in each consumer',
  code: 'the codes of the error model; of error_codes_total 50 an api',
  header: 'names that are ours to judge, 30 of others',
  // ---- the configuration: as many as it names
  api: 'contracts, and routes without one',
  policy: 'named limits',
  upstream: 'upstreams',
  listener: 'listeners',
  jwks: 'issuers',
  percentile: 'entries of sla.latency',
  // ---- one at a time: the older one goes
  contract_version: 'the version in force',
  digest: 'the version in force',
  owner: 'the version in force',
  version: 'this process',
  revision: 'this process',
  node: 'this process',
  // ---- closed sets of the code
  ...Object.fromEntries(
    [
      'direction',
      'side',
      'location',
      'rule',
      'outcome',
      'reason',
      'method',
      'status_code',
      'status_class',
      'origin',
      'kind',
      'state',
      'to',
      'phase',
      'decision',
      'element',
      'objective',
      'good',
      'label',
      'stage',
      'hook',
      'skew',
      'script',
      'space',
      'where',
    ].map((label) => [label, 'a closed set of the code']),
  ),
};
