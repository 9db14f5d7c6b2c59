import type { MetricSpec } from '../core/ports.ts';

/** Of `plumbline injector` alone: a gateway has none of these. */
export const injectorMetrics = {
  reviews: {
    type: 'counter',
    name: 'injector_reviews_total',
    help: 'Admission reviews answered. outcome: injected; unchanged (already injected, or nothing to do); refused (the pod stays as it is, with a warning); opted_out (by its label); invalid (no review that could be answered); failed (a fault in Plumbline: the pod stays as it is).',
    labels: ['outcome'],
  },
  duration: {
    type: 'histogram',
    name: 'injector_review_duration_seconds',
    help: 'From the head of a review to its answer, reading of the body included.',
    labels: [],
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  settingsSuccess: {
    type: 'gauge',
    name: 'injector_settings_reload_success',
    help: '1 where the settings as they lie in their file are in force, 0 where they were refused and older ones serve on.',
    labels: [],
  },
  certificateExpiry: {
    type: 'gauge',
    name: 'injector_certificate_expiry_timestamp_seconds',
    help: 'When the certificate that the injector serves expires, as seconds since 1970; 0 while there is none.',
    labels: [],
  },
  certificateSuccess: {
    type: 'gauge',
    name: 'injector_certificate_reload_success',
    help: '1 where the newest certificate is served and the API server was told whom to trust, 0 where that failed when it was last tried.',
    labels: [],
  },
} as const satisfies Record<string, MetricSpec>;
