import { type MediaType, isJson, parseMediaType } from './media-type.ts';

interface Range {
  readonly media: MediaType;
  readonly q: number;
}

/**
 * Whether a client that sent this Accept (RFC 9110 §12.5.1) may be given one of the documented media types. Only what is certain
 * is refused: an Accept that cannot be read accepts, parameters are not compared, and vendor types with `+json` accept JSON.
 */
export function accepts(accept: string, offered: readonly MediaType[]): boolean {
  const ranges: Range[] = [];
  if (accept.includes('"')) return true;
  for (const part of accept.split(',')) {
    if (part.trim() === '') continue;
    const media = parseMediaType(part);
    if (media === undefined) return true;
    const q = Number(media.parameters.get('q') ?? '1');
    if (!(q >= 0)) return true;
    ranges.push({ media, q });
  }
  return ranges.length === 0 || offered.some((media) => isAcceptable(media, ranges));
}

/** The most specific range that fits decides; one with `q=0` excludes. */
function isAcceptable(offered: MediaType, ranges: readonly Range[]): boolean {
  if (offered.type === '*' || offered.subtype.startsWith('*')) return true;
  let best = 0;
  let accepted = false;
  for (const { media, q } of ranges) {
    const rank = fits(media, offered);
    if (rank < best || rank === 0) continue;
    accepted = rank > best ? q > 0 : accepted || q > 0;
    best = rank;
  }
  return accepted;
}

function fits(range: MediaType, offered: MediaType): number {
  if (range.type === '*') return 1;
  if (range.type === offered.type && range.subtype === '*') return 2;
  if (range.type === offered.type && range.subtype === offered.subtype) return 4;
  return isJson(range) && isJson(offered) ? 3 : 0;
}
