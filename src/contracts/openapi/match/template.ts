/**
 * One segment of a path template: literals and parameters in turn, `literals.length === names.length + 1`. A whole literal has
 * no names; `{id}.json` is `['', '.json']` and `['id']`. Parameters with nothing between them are one here, `id}{format`: nobody can say where the
 * one ends and the other begins.
 */
export interface Segment {
  readonly literals: readonly string[];
  readonly names: readonly string[];
}

/** Longer than any request target that people let through. */
const MAX_LENGTH = 8192;

const PARAMETER = /\{([^{}]*)\}/g;
const PARAMETERS = /\{([^{}]*(?:\}\{[^{}]*)*)\}/g;

/** Why a template cannot be matched; undefined: it can. */
export function faultOf(template: string): string | undefined {
  if (!template.startsWith('/')) return 'a path must begin with /';
  if (template.length > MAX_LENGTH) return `a path of more than ${MAX_LENGTH} characters`;
  const names = templateNames(template);
  if (/[{}]/.test(template.replace(PARAMETER, ''))) return `the braces of ${template} do not match`;
  if (names.includes('')) return `a parameter without a name in ${template}`;
  if (new Set(names).size < names.length) return `a parameter stands twice in ${template}`;
  if (names.some((name) => name.includes('/'))) return `a parameter name with / in it in ${template}`;
  return undefined;
}

/** Names of parameters that stand beside another one. */
export function undivided(template: string): ReadonlySet<string> {
  const groups = Array.from(template.matchAll(PARAMETERS), (m) => m[1] as string).filter((group) => group.includes('}{'));
  return new Set(groups.flatMap((group) => group.split('}{')));
}

export function templateNames(template: string): string[] {
  return Array.from(template.matchAll(PARAMETER), (m) => m[1] as string);
}

/** The template without the names of its parameters: two templates of one shape match the same requests. */
export function shapeOf(template: string): string {
  return template.replace(PARAMETER, '{}');
}

export function segmentsOf(template: string): Segment[] {
  return template.slice(1).split('/').map(segmentOf);
}

function segmentOf(text: string): Segment {
  const literals: string[] = [];
  const names: string[] = [];
  let end = 0;
  for (const m of text.matchAll(PARAMETERS)) {
    literals.push(text.slice(end, m.index));
    names.push(m[1] as string);
    end = m.index + m[0].length;
  }
  literals.push(text.slice(end));
  return { literals, names };
}

/** Encoded characters that need no encoding (RFC 3986 §2.3). */
const UNRESERVED = /%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)/gi;

/**
 * The values of a segment's parameters, each of one character at least, or undefined. Every literal is taken at its first
 * possible place, which finds a match wherever there is one, in linear time.
 */
export function matchSegment(segment: Segment, text: string): string[] | undefined {
  const values = matchText(segment, text);
  if (values !== undefined || !text.includes('%')) return values;
  // What needs no encoding means the same without it (RFC 3986 §6.2.2.2).
  return matchText(segment, text.replace(UNRESERVED, decodeURIComponent));
}

function matchText(segment: Segment, text: string): string[] | undefined {
  const { literals, names } = segment;
  const first = literals[0] as string;
  const last = literals[names.length] as string;
  if (!text.startsWith(first)) return undefined;
  const values: string[] = [];
  let at = first.length;
  for (let i = 1; i < names.length; i++) {
    const literal = literals[i] as string;
    const found = text.indexOf(literal, at + 1);
    if (found < 0) return undefined;
    values.push(text.slice(at, found));
    at = found + literal.length;
  }
  const end = text.length - last.length;
  if (end <= at || !text.endsWith(last)) return undefined;
  values.push(text.slice(at, end));
  return values;
}

/**
 * Whether the literals between the parameters can stand in one place only: `{name}-{version}` divides `a-b-1` in two ways. `values`: as `matchSegment` gives
 * them, which is the leftmost way; there is another if the rightmost is.
 */
export function dividesOneWay({ literals }: Segment, values: readonly string[]): boolean {
  let rest = values.reduce((text, value, i) => text + (literals[i] as string) + value);
  for (let i = values.length - 1; i > 0; i--) {
    const literal = literals[i] as string;
    const at = rest.lastIndexOf(literal, rest.length - literal.length - 1);
    if (rest.slice(at + literal.length) !== values[i]) return false;
    rest = rest.slice(0, at);
  }
  return true;
}

/** Which of two templates a request that both match belongs to: negative for `a`. */
export function comparePrecedence(a: readonly Segment[], b: readonly Segment[]): number {
  const whole = (s: readonly Segment[]): number => s.filter((x) => x.names.length === 0).length;
  const letters = (s: readonly Segment[]): number =>
    s.reduce((n, x) => n + (x.names.length === 0 ? 0 : x.literals.reduce((m, l) => m + l.length, 0)), 0);
  const earliest = (): number => {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const difference = ((a[i] as Segment).names.length === 0 ? 0 : 1) - ((b[i] as Segment).names.length === 0 ? 0 : 1);
      if (difference !== 0) return difference;
    }
    return 0;
  };
  return whole(b) - whole(a) || letters(b) - letters(a) || earliest();
}
