import type { RequestHead } from '../../core/exchange.ts';
import { fieldName } from '../../core/headers.ts';

/** What one pass over a request's head tells of its framing. */
export interface Framing {
  readonly hasBody: boolean;
  readonly bodyLength: number | undefined;
  readonly expectsContinue: boolean;
}

/** Framing, and what of the head Node lets pass and must be looked at once more. */
export interface SeenHead extends Framing {
  readonly hosts: number;
  readonly host: string;
  /** All of Transfer-Encoding; undefined where there is none. */
  readonly coding: string | undefined;
}

export function readFraming(headers: readonly string[], httpVersion: RequestHead['httpVersion']): SeenHead {
  let bodyLength: number | undefined;
  let coding: string | undefined;
  let expectsContinue = false;
  let hosts = 0;
  let host = '';
  for (let i = 0; i < headers.length; i += 2) {
    switch (fieldName(headers[i] as string).lower) {
      case 'host':
        hosts += 1;
        host = headers[i + 1] as string;
        break;
      case 'content-length':
        bodyLength = Number(headers[i + 1]);
        break;
      case 'transfer-encoding':
        coding = coding === undefined ? (headers[i + 1] as string) : `${coding}, ${headers[i + 1]}`;
        break;
      case 'expect':
        expectsContinue = httpVersion === '1.1'; // HTTP/1.0 knows no 100 (RFC 9110 §10.1.1)
    }
  }
  if (coding !== undefined) return { hasBody: true, bodyLength: undefined, expectsContinue, hosts, host, coding };
  const hasBody = bodyLength !== undefined && bodyLength > 0;
  return { hasBody, bodyLength: hasBody ? bodyLength : undefined, expectsContinue: hasBody && expectsContinue, hosts, host, coding };
}
