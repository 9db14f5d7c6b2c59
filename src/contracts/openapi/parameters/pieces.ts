import { formDecode, percentDecode } from './decode.ts';

/** One way to take a value apart, decoded. What is absent is not there in this form. */
export interface Pieces {
  readonly text?: string;
  readonly list?: readonly string[];
  /** In order; a name may stand twice. */
  readonly members?: ReadonlyArray<readonly [name: string, text: string]>;
  /** Not what the style says, but what many senders mean: where it fits, and nothing else does, nothing is certain. */
  readonly perhaps?: true;
}

/** The ways in which a value can be taken apart; a text: why it has not the form that it must have. */
export type Apart = readonly Pieces[] | string;

/** What there is of one declared value, before it is decoded. */
export type Decode = (text: string) => string | undefined;

export const NOT_ENCODED = 'not percent-encoded UTF-8';

/** Separators are looked for before anything is decoded (RFC 6570 §3.2.1): one that is encoded is part of a value. */
export interface Delimited {
  readonly separator: string | RegExp;
  /** Members are written `name=value`, not as a list of names and values. */
  readonly assigned: boolean;
  readonly decode: Decode;
}

/** A value that can be neither a list nor an object: nothing separates anything. */
export function whole(raw: string, decode: Decode): Apart {
  const text = decode(raw);
  return text === undefined ? NOT_ENCODED : [{ text }];
}

const ENCODED_COMMA = /%2C/gi;

/**
 * `blue,black` or `R,100,G,200` or `R=100,G=200`. Commas that are encoded are part of an item. But senders that follow WHATWG's rules encode those between the
 * items too, and 3.1.1 Appendix E tells implementations to follow these.
 */
export function takeApart(raw: string, how: Delimited): Apart {
  const apart = takeStrictly(raw, how);
  if (typeof apart === 'string' || how.separator !== ',' || !raw.includes('%2')) return apart;
  const bare = raw.replace(ENCODED_COMMA, ',');
  const also = bare === raw ? apart : takeStrictly(bare, how);
  return typeof also === 'string' || also === apart ? apart : [...apart, ...also.map((pieces) => ({ ...pieces, perhaps: true as const }))];
}

function takeStrictly(raw: string, { separator, assigned, decode }: Delimited): Apart {
  const text = decode(raw);
  const parts = raw.split(separator);
  const list = decodeAll(parts, decode);
  if (text === undefined || list === undefined) return NOT_ENCODED;
  const members = raw === '' ? [] : assigned ? pairsOf(parts, decode) : inPairs(list);
  return [{ text, list, ...(members !== undefined && { members }) }];
}

/** Of parts `name=value`, all of them. */
function pairsOf(parts: readonly string[], decode: Decode): Array<readonly [string, string]> | undefined {
  const pairs: Array<readonly [string, string]> = [];
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = decode(equals < 0 ? '' : part.slice(equals + 1));
    if (equals < 0 || name === undefined || value === undefined) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

function inPairs(list: readonly string[]): Array<readonly [string, string]> | undefined {
  if (list.length % 2 !== 0) return undefined;
  const pairs: Array<readonly [string, string]> = [];
  for (let i = 0; i < list.length; i += 2) pairs.push([list[i] as string, list[i + 1] as string]);
  return pairs;
}

export function decodeAll(parts: readonly string[], decode: Decode): string[] | undefined {
  const decoded: string[] = [];
  for (const part of parts) {
    const text = decode(part);
    if (text === undefined) return undefined;
    decoded.push(text);
  }
  return decoded;
}

/** Styles of a path segment (RFC 6570 §3.2.2, §3.2.5, §3.2.7). */
export function pathPieces(
  raw: string,
  { name, style, explode }: { readonly name: string; readonly style: string; readonly explode: boolean },
): Apart {
  if (style === 'label') {
    // A dot that is encoded is a dot (RFC 3986 §6.2.2.2).
    const dot = /^(?:\.|%2e)/i.exec(raw)?.[0];
    return dot === undefined ? 'a value in label style begins with a dot' : labelPieces(raw.slice(dot.length), explode);
  }
  if (style === 'matrix') return matrixPieces(raw, name, explode);
  return takeApart(raw, { separator: ',', assigned: explode, decode: percentDecode });
}

/**
 * `blue,black`, exploded `blue.black`. The tables of OpenAPI before 3.0.4 and 3.1.1 have dots for both: where there are dots and no commas, and `explode`
 * is off, either may be meant.
 */
function labelPieces(rest: string, explode: boolean): Apart {
  const dotted = takeApart(rest, { separator: '.', assigned: false, decode: percentDecode });
  if (typeof dotted === 'string') return dotted;
  if (explode) {
    // A value may hold dots, which are never encoded (RFC 6570 §3.2.5): a label without `=` belongs to the member before it.
    const members = rest === '' ? [] : pairsOf(rest.split(/\.(?=[^.=]*=)/), percentDecode);
    return [
      ...dotted.map(({ text = '', list = [] }) => ({ text, list, ...(members !== undefined && { members }) })),
      ...joinedLabels(rest),
    ];
  }
  const commas = takeApart(rest, { separator: ',', assigned: false, decode: percentDecode });
  if (typeof commas === 'string') return NOT_ENCODED;
  return rest.includes('.') && !rest.includes(',') ? [...commas, ...dotted, ...joinedLabels(rest)] : commas;
}

/** Labels of a list of which every division is tried. */
export const MAX_LABELS = 6;

/** A dot within an item "has the effect of adding multiple labels" (RFC 6570 §3.2.5): all the lists that may have been meant. */
function joinedLabels(rest: string): Pieces[] {
  const labels = rest.split('.').map(percentDecode);
  if (labels.length > MAX_LABELS) return [];
  const lists: string[][] = labels.reduce<string[][]>((found, label = '', i) => {
    if (i === 0) return [[label]];
    return found.flatMap((list) => [
      [...list, label],
      [...list.slice(0, -1), `${list.at(-1)}.${label}`],
    ]);
  }, []);
  return lists.slice(1).map((list) => ({ list, perhaps: true }));
}

/** `;color=blue,black`, exploded `;color=blue;color=black` or `;R=100;G=200`; without `=` where the value is empty. */
function matrixPieces(raw: string, name: string, explode: boolean): Apart {
  if (!raw.startsWith(';')) return 'a value in matrix style begins with a semicolon';
  const parts = raw.slice(1).split(';');
  const pairs = pairsOf(
    parts.map((part) => (part.includes('=') ? part : `${part}=`)),
    percentDecode,
  );
  if (pairs === undefined) return NOT_ENCODED;
  const own = pairs.every(([key]) => key === name);
  if (!explode) {
    if (!own || parts.length > 1) return `a value in matrix style is written ;${name}=…`;
    const [part = ''] = parts;
    const equals = part.indexOf('=');
    return takeApart(equals < 0 ? '' : part.slice(equals + 1), { separator: ',', assigned: false, decode: percentDecode });
  }
  const list = pairs.map(([, value]) => value);
  return [{ members: pairs, ...(own && { list }), ...(own && list.length === 1 && { text: list[0] as string }) }];
}

/** Styles in which a query parameter is one value; each splits before it decodes. */
const DELIMITED: Readonly<Record<string, string | RegExp>> = {
  form: ',',
  // A plus is a space in a query.
  spaceDelimited: /%20|\+/,
  // The table of the specification has its pipes encoded; most clients send them as they are.
  pipeDelimited: /%7C|\|/i,
};

/** `blue,black`, `blue%20black`, `blue%7Cblack` of a query or form. A single value of the last two styles has no defined form, and is no text. */
export function queryPieces(raw: string, style: string, decode: Decode = formDecode): Apart {
  const apart = takeApart(raw, { separator: DELIMITED[style] as string | RegExp, assigned: false, decode });
  if (typeof apart === 'string' || style === 'form') return apart;
  return apart.map(({ list, members }) => ({ ...(list !== undefined && { list }), ...(members !== undefined && { members }) }));
}
