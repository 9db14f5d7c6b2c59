import { printable } from '../../core/schema/show.ts';

/** One line for people: what was done, or not done and why, and where. */
export interface Note {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** `Deployment shop/web`; undefined: the document itself. */
  readonly who: string | undefined;
  readonly level: 'done' | 'left' | 'warning' | 'refused' | 'unreadable';
  readonly message: string;
}

const WORDS: Readonly<Record<Note['level'], string>> = { done: '', left: '', warning: 'warning: ', refused: 'refused: ', unreadable: '' };

/** Manifests are strangers' texts: nothing of them reaches a terminal that it would obey. */
export function noteLine({ file, line, who, level, message }: Note): string {
  return `${printable(`${file}:${line}: ${who === undefined ? '' : `${who}: `}${WORDS[level]}${message}`)}\n`;
}

export function nameOf({
  kind,
  name,
  namespace,
}: {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
}): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name === '' ? '(without a name)' : name}`;
}
