import type { Group } from './fault.ts';
import { beforeAnswer } from './catalogue/before-answer.ts';
import { client } from './catalogue/client.ts';
import { connecting } from './catalogue/connecting.ts';
import { inAnswer } from './catalogue/in-answer.ts';
import { kept } from './catalogue/kept.ts';
import { statuses } from './catalogue/status.ts';

/** Every fault: what is in here is played, and what is played stands in docs/reliability.md. */
export const UPSTREAM_FAULTS: readonly Group[] = [connecting, beforeAnswer, statuses, inAnswer, kept];
export const CLIENT_FAULTS: readonly Group[] = [client];
export const CATALOGUE: readonly Group[] = [...UPSTREAM_FAULTS, ...CLIENT_FAULTS];
