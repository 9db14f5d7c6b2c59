import { basename, dirname } from 'node:path';
import { isUrl } from '../core/fetched-url.ts';
import { NAME } from './values.ts';
import type { Origin } from './overrides.ts';

/** What `plumbline run --spec … --upstream …` says; each with the flag or variable that it came from. */
export interface WithoutFile {
  readonly spec: Given;
  readonly upstream: Given;
  /** `request`, `response` or `both`; undefined: report. */
  readonly enforce: Given | undefined;
}

export interface Given {
  readonly value: string;
  readonly origin: string;
}

/** The configuration that these few words stand for, as a file would have it. Report is the default (semantics DF-1, DF-3). */
export function withoutFile({ spec, upstream, enforce }: WithoutFile): { readonly root: unknown; readonly origins: readonly Origin[] } {
  const name = nameOf(spec.value);
  const mode = (side: string): string => (enforce?.value === side || enforce?.value === 'both' ? 'enforce' : 'report');
  const root = {
    service: { name },
    contracts: { [name]: { openapi: spec.value } },
    listeners: { ingress: { direction: 'ingress' } },
    routes: [
      {
        name,
        listener: 'ingress',
        upstream: upstream.value,
        contract: name,
        policies: { contract: { request: mode('request'), response: mode('response') } },
      },
    ],
  };
  const origins = [
    { path: ['contracts', name], origin: spec.origin },
    { path: ['routes', 0, 'upstream'], origin: upstream.origin },
  ];
  return { root, origins };
}

/** `contracts/billing.openapi.yaml` is `billing`, and so is `billing/openapi.yaml`; of a URL the path counts. */
export function nameOf(spec: string): string {
  const path = isUrl(spec) ? (URL.parse(spec)?.pathname ?? '') : spec;
  const stem = (file: string): string =>
    basename(file)
      .replace(/\.(?:ya?ml|json)$/i, '')
      .replace(/[._-]?(?:openapi|swagger)$/i, '');
  const found = [stem(path), basename(dirname(path))].find((candidate) => NAME.test(candidate));
  return found ?? 'api';
}
