import type { Contract } from '../../core/contract.ts';

/** One documented segment: a literal, or one with parameters in it. */
interface Step {
  /** As the template writes it. */
  readonly text: string;
  /** What stands before and behind its parameters; undefined: a literal. */
  readonly around: readonly [before: string, behind: string] | undefined;
  readonly next: Node;
}

interface Node {
  readonly literals: Map<string, Step>;
  /** The same in lower case: many servers do not tell cases apart. */
  readonly spelt: Map<string, Step>;
  readonly patterns: Map<string, Step>;
  /** Of the path, where one ends here. */
  specPointer: string | undefined;
}

/** As much of a path as the contract knows. */
export interface Known {
  /** Segments as its templates write them, without the first `/`. */
  readonly segments: readonly string[];
  /** Of the path in the document, where all of it is known. */
  readonly specPointer: string | undefined;
  /** The path as the document would have it, where all of it is known. */
  readonly path: string | undefined;
}

/** Parameters of a server's URL have names that no document can declare. */
const SERVER_PARAMETER = /\{\0([^}]*)\}/g;

/** The templates of a contract as a tree, made when the first unknown path is asked about. */
export class DocumentedPaths {
  readonly #root: Node = node();

  constructor(contract: Contract) {
    for (const operation of contract.operations) {
      const pathItem = operation.specPointer.slice(0, operation.specPointer.lastIndexOf('/'));
      for (const template of contract.pathsOf?.(operation) ?? []) this.#add(template.replaceAll(SERVER_PARAMETER, '{$1}'), pathItem);
    }
  }

  /** The longest beginning that some template has; of two as long the one with the earlier literals. */
  longest(segments: readonly string[]): Known {
    let best: readonly Step[] = [];
    let end = this.#root;
    const walk = (at: Node, steps: readonly Step[]): void => {
      if (steps.length > best.length || (steps.length === best.length && end.specPointer === undefined && at.specPointer !== undefined)) {
        best = steps;
        end = at;
      }
      const segment = segments[steps.length];
      if (segment === undefined) return;
      const literal = at.literals.get(segment) ?? at.spelt.get(segment.toLowerCase());
      if (literal !== undefined) walk(literal.next, [...steps, literal]);
      for (const pattern of at.patterns.values()) if (fits(pattern, segment)) walk(pattern.next, [...steps, pattern]);
    };
    walk(this.#root, []);
    const texts = best.map(({ text }) => text);
    if (best.length < segments.length || end.specPointer === undefined) return { segments: texts, specPointer: undefined, path: undefined };
    const path = best.map(({ text, around }, i) => `/${around === undefined ? text : segments[i]}`).join('');
    return { segments: texts, specPointer: end.specPointer, path };
  }

  #add(template: string, pathItem: string): void {
    let at = this.#root;
    for (const text of template.slice(1).split('/')) {
      const [first, last] = [text.indexOf('{'), text.lastIndexOf('}')];
      const isLiteral = first < 0;
      const steps = isLiteral ? at.literals : at.patterns;
      let step = steps.get(text);
      if (step === undefined) {
        step = { text, around: isLiteral ? undefined : [text.slice(0, first), text.slice(last + 1)], next: node() };
        steps.set(text, step);
        if (isLiteral && !at.spelt.has(text.toLowerCase())) at.spelt.set(text.toLowerCase(), step);
      }
      at = step.next;
    }
    at.specPointer ??= pathItem;
  }
}

function node(): Node {
  return { literals: new Map(), spelt: new Map(), patterns: new Map(), specPointer: undefined };
}

/** A parameter has one character at least. */
function fits({ around }: Step, segment: string): boolean {
  if (around === undefined) return false;
  const [before, behind] = around;
  return segment.length > before.length + behind.length && segment.startsWith(before) && segment.endsWith(behind);
}
