import { escapeToken } from '../document/pointer.ts';
import type { Findings } from '../judging.ts';
import { SCALAR } from '../schema/shape.ts';
import { exactly } from './coerce.ts';
import type { Parameter } from './parameter.ts';
import { type Decode, NOT_ENCODED } from './pieces.ts';

type Pair = readonly [name: string, value: string];

/**
 * Exploded objects of a query or of cookies: their members stand there like parameters. Names of declared parameters are no members, they have been taken out.
 * A name that nobody declared is a member where `additionalProperties` has a schema (as in the specification's example of a free-form query), and
 * none where it is false; an open object may have it or not.
 */
export class SpreadObjects {
  readonly #parameters: readonly Parameter[];
  readonly #decode: Decode;

  constructor(parameters: readonly Parameter[], decode: Decode) {
    this.#parameters = parameters;
    this.#decode = decode;
  }

  /** `loose`: names, and values that are still encoded. */
  check(loose: readonly Pair[], bytes: number, findings: Findings): void {
    const strangers = loose.filter(([name]) => !this.#parameters.some(({ schema }) => schema.declared.has(name)));
    for (const parameter of this.#parameters) this.#checkOne(parameter, loose, strangers, bytes, findings);
  }

  #checkOne(parameter: Parameter, loose: readonly Pair[], strangers: readonly Pair[], bytes: number, findings: Findings): void {
    const { schema } = parameter;
    const own = loose.filter(([name]) => schema.declared.has(name));
    const others = schema.others === 'none' ? [] : strangers;
    if (own.length === 0 && (others.length === 0 || schema.others === 'any')) {
      // Nothing of it is there for certain. An object without members is written as nothing, too.
      const nothing = parameter.required && others.length === 0 ? schema.judge(exactly({}), 0) : true;
      if (typeof nothing === 'string') findings.skip(nothing);
      else if (nothing !== true) parameter.missing(findings);
      return;
    }
    if (this.#isAmbiguous(parameter, own, others)) {
      findings.skip('unsupported');
      return;
    }
    const certain = this.#members(parameter, own, findings);
    const possible = others.length === 0 ? [] : this.#members(parameter, others, findings);
    if (certain === undefined || possible === undefined) return;
    const all = [...certain, ...possible];
    const readings = schema.others === 'described' || possible.length === 0 ? [all] : [certain, all];
    parameter.judgeMembers(findings, readings, bytes);
  }

  /** Another object may be meant. */
  #isAmbiguous(parameter: Parameter, own: readonly Pair[], others: readonly Pair[]): boolean {
    const rest = this.#parameters.filter((p) => p !== parameter);
    if (own.some(([name]) => rest.some(({ schema }) => schema.declared.has(name)))) return true;
    return others.length > 0 && rest.some(({ schema }) => schema.others !== 'none') && parameter.schema.others === 'described';
  }

  /** Decoded, each name once; undefined where that cannot be, which has been told. */
  #members(parameter: Parameter, pairs: readonly Pair[], findings: Findings): Pair[] | undefined {
    const members = new Map<string, string>();
    for (const [name, raw] of pairs) {
      const value = this.#decode(raw);
      if (value === undefined) {
        parameter.malformed(findings, NOT_ENCODED);
        return undefined;
      }
      if (members.has(name)) {
        const types = parameter.schema.memberTypes(name);
        const isPlain = (types & ~SCALAR) === 0 && (parameter.schema.declared.has(name) || parameter.schema.others === 'described');
        // A list in an object has no defined form; one of which nothing is said is not looked at.
        if (isPlain)
          findings.add(
            'parameter_format',
            parameter.location,
            `${parameter.pointer}/${escapeToken(name)}`,
            parameter.model.place,
            'sent more than once',
          );
        else findings.skip('unsupported');
        return undefined;
      }
      members.set(name, value);
    }
    return [...members];
  }
}
