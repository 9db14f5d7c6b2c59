import fc from 'fast-check';

/** Draws one of several; the whole text hangs on these draws, so that a failure shrinks to a short one. */
interface Draw {
  <T>(of: readonly T[]): T;
  /** Whether `&x` stands there by now, so that `*x` can be said. */
  named: boolean;
}

const WORDS = ['a', 'http', '8080', 'yes', '~', 'x: y', 'a b', '#no', '- ', "it's", 'say "so"', 'ä', '1e3', 'null', '', 'trailing '];
const KEYS = ['a', 'b', 'c', 'name', '"quoted key"', "'single'", 'plumbline.dev/port', '8080', '? d'];

/** YAML as people and programs write it: every style, comments, blank lines and odd indentation anywhere. Its root is a mapping in block style. */
export const anyYaml: fc.Arbitrary<string> = fc.gen().map((gen) => {
  const draw: Draw = Object.assign(<T>(of: readonly T[]): T => of[gen(fc.nat, of.length - 1)] as T, { named: false });
  const eol = draw(['\n', '\n', '\r\n']);
  const lines = [
    ...draw([[], ['# Source: chart/templates/x.yaml'], ['---'], ['%YAML 1.2', '---'], ['', '--- # first']]),
    ...mapping(draw, 0, 0),
    ...draw([[], ['# end'], [''], ['  # indented end', '', ''], ['...']]),
  ];
  return lines.join(eol) + draw(['', eol, eol, eol]);
});

function mapping(draw: Draw, column: number, depth: number): string[] {
  const keys = new Set(Array.from({ length: draw([1, 2, 3]) }, () => draw(KEYS)));
  const step = draw([2, 2, 4]);
  const dash = draw([0, 2, 2]);
  return [...keys].flatMap((key) => {
    const pad = ' '.repeat(column);
    const explicit = key.startsWith('?');
    const head = explicit ? `${pad}${key}\n${pad}:`.split('\n') : [`${pad}${key}:`];
    const before = head.slice(0, -1);
    const mark = head.at(-1) as string;
    return [...between(draw, column), ...before, ...value(draw, mark, column, step, dash, depth)];
  });
}

function sequence(draw: Draw, column: number, depth: number): string[] {
  return Array.from({ length: draw([1, 1, 2, 3]) }, () => {
    const mark = `${' '.repeat(column)}-`;
    if (depth < 3 && draw([true, false])) {
      const [first, ...rest] = mapping(draw, column + 2, depth + 1);
      // Nothing but an entry can follow the dash.
      if (first !== undefined && /^ +[^\s#?]/.test(first)) return [...between(draw, column), `${mark} ${first.slice(column + 2)}`, ...rest];
    }
    return [...between(draw, column), ...value(draw, mark, column, 2, 2, depth)];
  }).flat();
}

function value(draw: Draw, mark: string, column: number, step: number, dash: number, depth: number): string[] {
  const comment = (): string => draw(['', '', '', ' # why', '  ']);
  const kinds = [
    'scalar',
    'scalar',
    'flow',
    'empty',
    'block',
    'lines',
    ...(draw.named ? ['alias'] : []),
    'mapping',
    'sequence',
    'mapping',
    'sequence',
  ];
  const kind = draw(depth < 3 ? kinds : kinds.slice(0, draw.named ? 7 : 6));
  const props = kind === 'mapping' || kind === 'scalar' ? draw(['', '', '', '', ' &x', ' !!str']) : '';
  if (props === ' &x' && kind === 'scalar') draw.named = true;
  switch (kind) {
    case 'mapping':
      return [`${mark}${props === ' &x' ? props : ''}${comment()}`, ...mapping(draw, column + step, depth + 1)];
    case 'alias':
      return [`${mark} *x${comment()}`];
    case 'sequence':
      return [`${mark}${comment()}`, ...sequence(draw, column + (mark.endsWith('-') ? 2 : dash), depth + 1)];
    case 'block': {
      const pad = ' '.repeat(column + 2);
      const body = draw([[`${pad}one`, '', `${pad}  two: # no comment`], [`${pad}- x`], []]);
      return [`${mark} ${draw(['|', '>', '|-', '>-', '|+'])}${comment()}`, ...body, ...draw([[], [''], ['', '']])];
    }
    case 'lines':
      return [`${mark} "a quoted`, `${' '.repeat(column + 4)}text"${comment()}`];
    case 'flow':
      return `${mark} ${flow(draw, depth, ' '.repeat(column + 2))}${comment()}`.split('\n');
    case 'empty':
      return [`${mark}${draw(['', ' ~', ' null', ' {}', ' []', ' [ ]', '  {}'])}${comment()}`];
    default:
      return [`${mark}${props} ${scalar(draw)}${comment()}`];
  }
}

function scalar(draw: Draw): string {
  const word = draw(WORDS);
  const plain = /^[a-z0-9]+$/.test(word) ? word : JSON.stringify(word);
  return draw([plain, plain, JSON.stringify(word), `'${word.replaceAll("'", "''")}'`]);
}

function flow(draw: Draw, depth: number, pad: string): string {
  const [open, close] = draw(['[]', '{}']) as string;
  const items = Array.from({ length: draw([0, 1, 2, 3]) }, (_, i) => {
    const item = depth < 3 && draw([true, false, false]) ? flow(draw, depth + 1, `${pad}  `) : scalar(draw);
    return open === '[' ? item : `${draw([`k${i}`, `"k${i}"`])}: ${item}`;
  });
  const between = draw([', ', ',', `,\n${pad}`, ` ,\n${pad}# one\n${pad}`]);
  const around =
    between.includes('\n') || draw([true, false, false])
      ? [`\n${pad}`, draw([`\n${pad}`, `,\n${pad}`])]
      : draw([
          ['', ''],
          [' ', ' '],
        ]);
  if (items.length === 0) return `${open}${draw(['', ' ', `\n${pad}`])}${close}`;
  return `${open}${around[0]}${items.join(between)}${around[1]}${close}`;
}

/** What may stand between two entries. */
function between(draw: Draw, column: number): string[] {
  return draw<readonly string[]>([
    [],
    [],
    [],
    [''],
    [`${' '.repeat(column)}# own`],
    [`${' '.repeat(column + 2)}# deeper`],
    ['# far', ''],
    ['   '],
  ]) as string[];
}
