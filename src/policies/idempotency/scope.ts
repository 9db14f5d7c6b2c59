import { hash } from 'node:crypto';
import type { Exchange } from '../../core/exchange.ts';
import { type RawHeaders, headerList, headerValue } from '../../core/headers.ts';
import type { IdempotencyConfig } from './config.ts';

/**
 * Whose key it is (ID-1): the tenant that a field names, or the caller by the credentials that came with the request, without one by its
 * address; never by a name that it gives itself. 64 hexadecimal digits: neither credential nor address can be read from it.
 * `apiKeys`: fields that carry one, in lower case.
 */
export function principalOf(x: Exchange, scope: IdempotencyConfig['scope'], apiKeys: readonly string[]): string {
  if (scope === 'shared') return SHARED;
  const { headers } = x.request;
  if (scope !== 'principal') {
    const tenant = tenantOf(x, scope);
    if (tenant !== undefined) return hash('sha256', `${scope}\n${tenant}`);
  }
  // All of them: what stands in one may be an application's, or a gate's in front, and the caller's own in another.
  // A token that was verified is known by whom it stands for: one that was renewed meanwhile is no other caller.
  let credentials = verified(x) ?? named(headers, 'authorization');
  for (const field of apiKeys) credentials += named(headers, field);
  if (credentials !== '') return hash('sha256', credentials);
  const cookie = headerList(headers, 'cookie');
  if (cookie !== undefined && cookie !== '') return hash('sha256', `cookie\n${cookie}`);
  return hash('sha256', `peer\n${x.peer.address}`);
}

/** Whether whose key it is depends on what becomes of the access token. */
export function asksForToken(x: Exchange, scope: IdempotencyConfig['scope']): boolean {
  return scope === 'principal' || (scope !== 'shared' && tenantOf(x, scope) === undefined);
}

function tenantOf(x: Exchange, scope: `header:${string}`): string | undefined {
  const tenant = headerList(x.request.headers, scope.slice('header:'.length));
  return tenant === '' ? undefined : tenant;
}

/** Whom a verified access token stands for (ID-1); undefined where there is none, or nobody knows. */
function verified({ credentials }: Exchange): string | undefined {
  if (credentials === undefined || credentials instanceof Promise || credentials.is !== 'verified') return undefined;
  const { principal } = credentials.token;
  return principal === undefined ? undefined : `verified\n${principal}\n`;
}

/** A field with what it says, on lines of its own; empty where it says nothing. */
function named(headers: RawHeaders, field: string): string {
  const value = headerList(headers, field);
  return value === undefined || value === '' ? '' : `${field}\n${value}\n`;
}

const SHARED = hash('sha256', 'shared');

/** What the operation is called: its id, without one method and path. */
export function operationOf(x: Exchange): string {
  return x.operation?.id ?? `${x.request.method} ${x.request.path}`;
}

/**
 * What a claim is kept under. The route is part of it: two routes with one contract may lead to different upstreams, and an answer of one
 * must not be given for the other. `key` stands last, as a key from a body may hold anything.
 */
export function keyHashOf(x: Exchange, principal: string, operation: string, key: string): string {
  return hash('sha256', `${x.route.name}\n${x.route.api}\n${operation}\n${principal}\n${key}`);
}

/** SHA-256 of method, target, content type and raw body (ID-1), the latter by its digest: how it was framed makes no difference. */
export function fingerprintOf(x: Exchange, bodyDigest: string): string {
  const { headers, method, target } = x.request;
  return hash('sha256', `${method}\n${target}\n${headerValue(headers, 'content-type') ?? ''}\n${bodyDigest}`);
}
