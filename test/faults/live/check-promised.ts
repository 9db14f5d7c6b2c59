/** What a client and the log are promised, against what came. */
import { CODES } from '../../../src/core/rejection.ts';
import type { AccessLine } from '../../kit/access-lines.ts';
import type { StrictAnswer } from '../strict-answer.ts';
import { values } from '../strict-head.ts';
import type { Promised } from './fault.ts';

/** @returns what is wrong with an answer, in words. */
export function checkAnswer(answer: StrictAnswer | undefined, promised: Promised): string[] {
  if (answer === undefined) return ['no answer came'];
  const { status, fields, body } = answer;
  const text = body.toString('latin1', 0, 200);
  const wrong: string[] = [];
  const want = (what: string, is: unknown, wanted: unknown): void => {
    if (is !== wanted) wrong.push(`${what} is ${JSON.stringify(is)}, not ${JSON.stringify(wanted)} (${status} ${text})`);
  };
  switch (promised.as) {
    case 'whole':
      want('status', status, promised.status);
      want('wholeness', answer.whole, true);
      want('problem', values(fields, 'content-type').join().includes('problem'), false);
      want('Idempotent-Replayed', values(fields, 'idempotent-replayed').join(), promised.replayed === true ? 'true' : '');
      if (promised.run !== undefined) want('execution', (JSON.parse(text) as { run: number }).run, promised.run);
      break;
    case 'refused':
      want('status', status, CODES[promised.code].status);
      want('wholeness', answer.whole, true);
      want('Content-Type', values(fields, 'content-type').join(), 'application/problem+json');
      if (text.startsWith('{')) want('code', (JSON.parse(body.toString()) as { code: string }).code, promised.code);
      else wrong.push(`no problem: ${text}`);
      break;
    case 'broken':
      want('status', status, promised.status);
      want('wholeness', answer.whole, false);
      break;
    case 'fallback':
      want('status', status, promised.status);
      want('wholeness', answer.whole, true);
      want('X-Plumbline-Fallback', values(fields, 'x-plumbline-fallback').join(), 'static');
      break;
    case 'left':
      wrong.push(`an answer came to who has left: ${status}`);
  }
  return wrong;
}

/** What the log must tell. */
export function checkLine(line: AccessLine | undefined, promised: Promised): string[] {
  if (line === undefined) return ['no line in the log'];
  const { status, code, flags } = line;
  const wanted = lineOf(promised);
  const same = status === wanted.status && code === wanted.code && flags.join() === wanted.flags.join();
  return same ? [] : [`the line says ${status} ${code} [${flags}], not ${wanted.status} ${wanted.code} [${wanted.flags}]`];
}

function lineOf(promised: Promised): { readonly status: number; readonly code: string; readonly flags: readonly string[] } {
  switch (promised.as) {
    case 'whole':
      return { status: promised.status, code: '', flags: [] };
    case 'refused':
      return { status: CODES[promised.code].status, code: promised.code, flags: [] };
    case 'broken':
      return { status: promised.status, code: promised.code, flags: promised.flags };
    case 'fallback':
      return { status: promised.status, code: '', flags: [`instead:${promised.instead}`] };
    case 'left':
      return { status: 499, code: 'CLIENT_CLOSED', flags: ['client-closed'] };
  }
}
