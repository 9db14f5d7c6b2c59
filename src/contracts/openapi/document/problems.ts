import type { Position } from '../../../core/document-reading.ts';
import type { ContractProblem } from '../../../core/contract-loading.ts';
import type { SourceFile } from './source-file.ts';

type Severity = ContractProblem['severity'];

/** A problem whose place is still a pointer: lines are looked up once, at the end, for all of them. */
interface Draft {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly file: SourceFile | string;
  readonly pointer: string;
  readonly position: Position | undefined;
  readonly suggestion: string | undefined;
}

/** What is listed of one code; of more there is the number. */
const MAX_OF_A_CODE: Readonly<Record<Severity, number>> = { error: 1000, warning: 200, info: 200 };
const RANK: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

const MAX_MESSAGE = 1000;

/** Where pointers stand in the text of a file. */
export type PlacesIn = (file: SourceFile, pointers: readonly string[]) => Promise<readonly Position[]>;

export interface Where {
  /** The URI alone where the file could not be parsed or read. */
  readonly file: SourceFile | string;
  readonly pointer: string;
  /** Overrules the pointer, which the file may not be asked for: where a parser stopped. */
  readonly position?: Position;
}

/** Collects what is wrong with a document; bounded, and no two alike. */
export class Problems {
  readonly #drafts = new Map<string, Draft>();
  /** By code: those that are listed, and those that are not. */
  readonly #counts = new Map<string, { listed: number; left: number }>();
  #errors = 0;
  readonly #withInfo: boolean;
  /** While set, errors are warnings: what is being checked is not used by any operation. */
  unused = false;

  /** `info` problems are for people who ask (`check`): to place them takes longer than to load a large document. */
  constructor(wanted: 'all' | 'without_info' = 'all') {
    this.#withInfo = wanted === 'all';
  }

  get errors(): number {
    return this.#errors;
  }

  error(code: string, where: Where, message: string, suggestion?: string): void {
    if (this.unused) this.#add('warning', code, where, `${message} (no operation uses it)`, suggestion);
    else this.#add('error', code, where, message, suggestion);
  }

  warning(code: string, where: Where, message: string, suggestion?: string): void {
    this.#add('warning', code, where, message, suggestion);
  }

  info(code: string, where: Where, message: string, suggestion?: string): void {
    if (this.#withInfo && !this.unused) this.#add('info', code, where, message, suggestion);
  }

  #add(severity: Severity, code: string, where: Where, text: string, suggestion: string | undefined): void {
    const message = clipped(text);
    const uri = typeof where.file === 'string' ? where.file : where.file.uri;
    const key = `${code} ${uri}#${where.pointer} ${message}`;
    if (this.#drafts.has(key)) return;
    if (severity === 'error') this.#errors += 1;
    const counts = this.#counts.get(code) ?? { listed: 0, left: 0 };
    this.#counts.set(code, counts);
    if (counts.listed >= MAX_OF_A_CODE[severity]) {
      counts.left += 1;
      return;
    }
    counts.listed += 1;
    this.#drafts.set(key, { severity, code, message, file: where.file, pointer: where.pointer, position: where.position, suggestion });
  }

  /** Errors first, then by place. */
  async list(root: string, places: PlacesIn): Promise<ContractProblem[]> {
    const byFile = new Map<SourceFile | string, Draft[]>();
    for (const draft of this.#drafts.values()) {
      const of = byFile.get(draft.file);
      if (of === undefined) byFile.set(draft.file, [draft]);
      else of.push(draft);
    }
    const out: ContractProblem[] = [];
    for (const [file, drafts] of byFile) out.push(...(await placed(file, drafts, places)));
    out.sort((a, b) => RANK[a.severity] - RANK[b.severity] || compare(a.file, b.file, root) || a.line - b.line || a.column - b.column);
    for (const [code, { left }] of this.#counts) {
      if (left === 0) continue;
      const message = `${left} more of ${code} are not listed`;
      out.push({ severity: 'info', code: 'more_problems', message, file: root, line: 0, column: 0, pointer: '' });
    }
    return out;
  }
}

/** Messages quote the document, and a name there may be as long as a file. */
function clipped(message: string): string {
  return message.length > MAX_MESSAGE ? `${message.slice(0, MAX_MESSAGE)}…` : message;
}

function compare(a: string, b: string, root: string): number {
  if (a === b) return 0;
  if (a === root) return -1;
  if (b === root) return 1;
  return a < b ? -1 : 1;
}

async function placed(file: SourceFile | string, drafts: readonly Draft[], places: PlacesIn): Promise<ContractProblem[]> {
  const pointers = drafts.map((d) => d.pointer);
  const positions = typeof file === 'string' ? [] : await places(file, pointers);
  return drafts.map((d, i) => {
    const at = d.position ?? positions[i] ?? { line: 0, column: 0 };
    return {
      severity: d.severity,
      code: d.code,
      message: d.message,
      file: typeof file === 'string' ? file : file.uri,
      line: at.line,
      column: at.column,
      pointer: d.pointer,
      ...(d.suggestion === undefined ? {} : { suggestion: d.suggestion }),
    };
  });
}
