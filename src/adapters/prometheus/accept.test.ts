import { describe, expect, it } from 'vitest';
import { wantsOpenMetrics } from './accept.ts';

describe('wantsOpenMetrics', () => {
  it.each([
    'application/openmetrics-text',
    'application/openmetrics-text; version=1.0.0; charset=utf-8',
    'Application/OpenMetrics-Text;Version="1.0.0"',
    'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5',
    // Prometheus 2.42
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    // Prometheus 3
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'application/openmetrics-text;q=0.1, application/json',
  ])('yes: %s', (accept) => {
    expect(wantsOpenMetrics(accept)).toBe(true);
  });

  it.each([
    undefined,
    '',
    '*/*',
    'text/plain',
    'application/json',
    'application/openmetrics-text;version=0.0.1',
    'application/openmetrics-text;version=2.0.0',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;q=0.4,text/plain;q=0.5',
    'application/openmetrics-text;q=0.4,text/*',
    'application/openmetrics-text;q=0.4,*/*;q=0.5',
    ';;;,,=,q=',
  ])('no: %s', (accept) => {
    expect(wantsOpenMetrics(accept)).toBe(false);
  });
});
