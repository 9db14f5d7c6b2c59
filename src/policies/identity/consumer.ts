import { hash } from 'node:crypto';
import type { TokenVerdict } from '../../core/credentials.ts';
import type { Consumer, Exchange } from '../../core/exchange.ts';
import { headerValue } from '../../core/headers.ts';
import type { ConsumerSource } from './config.ts';

/** Names are labels and log fields: visible ASCII, bounded. */
const NAME = /^[\x21-\x7e](?:[\x20-\x7e]{0,62}[\x21-\x7e])?$/;
/** First product of a User-Agent (RFC 9110 §10.1.5). */
const PRODUCT = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,64})(?:\/([!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}))?(?=$|[\s(])/;
/** Enough to tell keys apart, too little to find one. */
const FINGERPRINT_DIGITS = 12;

/** The first source that names somebody (semantics HD-2). `token`: what became of the access token, where that is verified. */
export function findConsumer(x: Exchange, sources: readonly ConsumerSource[], token?: TokenVerdict): Consumer | undefined {
  for (const source of sources) {
    const found = FROM[source.from](x, source as never, token);
    if (found !== undefined) return found;
  }
  return undefined;
}

const FROM: {
  readonly [K in ConsumerSource['from']]: (
    x: Exchange,
    source: Extract<ConsumerSource, { from: K }>,
    token: TokenVerdict | undefined,
  ) => Consumer | undefined;
} = {
  header: (x, source) => {
    if (!x.peer.trusted) return undefined;
    const name = headerValue(x.request.headers, source.header);
    if (name === undefined || !NAME.test(name)) return undefined;
    const version = source.version === undefined ? undefined : headerValue(x.request.headers, source.version);
    return { name, version: version !== undefined && NAME.test(version) ? version : '' };
  },
  apiKey: (x, source) => {
    const key = headerValue(x.request.headers, source.header);
    if (key === undefined || key === '') return undefined;
    return { name: `key-${hash('sha256', key, 'hex').slice(0, FINGERPRINT_DIGITS)}`, version: '' };
  },
  jwt: (_x, source, token) => {
    if (token?.is !== 'verified') return undefined;
    const { claims } = token.token;
    const name = claims.get(source.claim);
    if (name === undefined || !NAME.test(name)) return undefined;
    const version = source.version === undefined ? undefined : claims.get(source.version);
    return { name, version: version !== undefined && NAME.test(version) ? version : '' };
  },
  userAgent: (x) => {
    const agent = headerValue(x.request.headers, 'user-agent');
    const product = agent === undefined ? null : PRODUCT.exec(agent);
    return product === null ? undefined : { name: product[1] as string, version: product[2] ?? '' };
  },
};
