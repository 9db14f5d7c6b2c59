/** All rules, rendered for a scale of time: the files in `config/prometheus/` and, with windows ÷ 60, what a test puts into a real Prometheus. */
import { alertingRule } from './alert.ts';
import { callerAlerts } from './caller-alerts.ts';
import { contractAlerts } from './contract-alerts.ts';
import { gatewayAlerts } from './gateway-alerts.ts';
import { recordingGroups } from './recording.ts';
import type { AlertSpec, RuleGroup, RuleOptions } from './rule.ts';
import { THRESHOLDS } from './thresholds.ts';
import { upstreamAlerts } from './upstream-alerts.ts';
import { windows } from './window.ts';

/** Recording rules first: alerts read what they record. @throws RangeError where the scale leaves a window of less than a millisecond. */
export function ruleGroups(options: RuleOptions): RuleGroup[] {
  const groups = Object.entries(alertSpecs(options));
  return [
    ...recordingGroups(windows(options.windowScale)),
    ...groups.map(([name, specs]) => ({ name: `plumbline.${name}`, rules: specs.map((spec) => alertingRule(spec, options)) })),
  ];
}

/** By group; what docs/alerts.md tells of. */
export function alertSpecs({ windowScale, thresholds = THRESHOLDS }: RuleOptions): Readonly<Record<string, readonly AlertSpec[]>> {
  const w = windows(windowScale);
  return {
    contracts: contractAlerts(thresholds, w),
    upstreams: upstreamAlerts(thresholds, w),
    callers: callerAlerts(thresholds, w),
    gateway: gatewayAlerts(thresholds, w),
  };
}
