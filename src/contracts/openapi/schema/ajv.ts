import { Ajv2020, type CodeKeywordDefinition, type KeywordCxt, Name, _ } from 'ajv/dist/2020.js';
import { mergeEvaluated } from 'ajv/dist/compile/util.js';
import { patternOf } from '../pattern/engine.ts';
import { SchemaFault } from './fault.ts';
import type { Formats } from './formats.ts';
import { NULL_OR } from './keywords.ts';
import { isMultipleOf } from './multiple-of.ts';
import { hasUniqueItems } from './unique-items.ts';

/** A schema that judges: compiled, or interpreted until it is. */
export interface Check {
  (data: unknown): boolean;
  /** What the last call has looked at; only where some schema of the contract has `unevaluated…`. */
  evaluated?: { props?: true | Readonly<Record<string, true>> | undefined; items?: true | number | undefined };
}

/** What a `$ref` in the normal form calls. */
export interface Slot {
  validate: Check;
}

/** References followed in one judgement: a bound on what recursive schemas with alternatives may cost. */
export const budget = { left: 0 };
const OVER_BUDGET = new SchemaFault('too_large', 'too many steps');

export interface AjvOptions {
  readonly formats: Formats;
  readonly ownProperties: boolean;
  /** Some file says `unevaluated…`: keep track of what has been evaluated. */
  readonly unevaluated: boolean;
  slot(key: string): Slot;
}

/** One Ajv, set up for schemas in the normal form: it says yes or no. Nothing is ever registered in it: `$ref` calls slots. */
export function makeAjv(options: AjvOptions): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    messages: false,
    ownProperties: options.ownProperties,
    formats: { ...options.formats.forAjv },
    code: { optimize: false, regExp: Object.assign(patternFor, { code: 'pattern' }) },
  });
  // The class sets both; the normal form has no dynamic references, and following what was evaluated costs in every schema.
  ajv.opts.dynamicRef = false;
  ajv.opts.unevaluated = options.unevaluated;
  for (const keyword of ['$ref', 'multipleOf', 'uniqueItems']) ajv.removeKeyword(keyword);
  ajv.addKeyword(refKeyword(options.slot));
  ajv.addKeyword(multipleOf);
  ajv.addKeyword(uniqueItems);
  ajv.addKeyword(nullOr);
  return ajv;
}

/** A pattern that cannot be judged spoils the verdict on values that meet it, and no other. Ajv tells patterns apart by their text. */
function patternFor(source: string): { test(text: string): boolean; toString(): string } {
  try {
    return patternOf(source);
  } catch {
    return { test: (text) => patternOf(source).test(text), toString: () => `/${source}/` };
  }
}

/** Calls the slot of another unit, whatever is in it by then. */
function refKeyword(slot: (key: string) => Slot): CodeKeywordDefinition {
  return {
    keyword: '$ref',
    schemaType: 'string',
    error: { message: '' },
    code(cxt: KeywordCxt) {
      const { gen, it } = cxt;
      const wrapper = gen.scopeValue('wrapper', { ref: slot(cxt.schema as string) });
      const steps = gen.scopeValue('obj', { ref: budget });
      const over = gen.scopeValue('obj', { ref: OVER_BUDGET });
      gen.if(_`--${steps}.left < 0`, () => gen.throw(_`${over}`));
      cxt.result(_`${wrapper}.validate(${cxt.data})`, () => {
        if (!it.opts.unevaluated) return;
        // Nothing is known of the target when this is compiled: what it evaluated is read after each call.
        if (it.props !== true)
          it.props = mergeEvaluated.props(gen, gen.var('props', _`${wrapper}.validate.evaluated.props`), it.props, Name);
        if (it.items !== true)
          it.items = mergeEvaluated.items(gen, gen.var('items', _`${wrapper}.validate.evaluated.items`), it.items, Name);
      });
    },
  };
}

const multipleOf: CodeKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  error: { message: '' },
  code(cxt: KeywordCxt) {
    const check = cxt.gen.scopeValue('func', { ref: isMultipleOf });
    cxt.fail(_`!${check}(${cxt.data}, ${cxt.schemaCode})`);
  },
};

const uniqueItems: CodeKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: '' },
  code(cxt: KeywordCxt) {
    if (cxt.schema !== true) return;
    const check = cxt.gen.scopeValue('func', { ref: hasUniqueItems });
    cxt.fail(_`!${check}(${cxt.data})`);
  },
};

const nullOr: CodeKeywordDefinition = {
  keyword: NULL_OR,
  schemaType: ['object', 'boolean'],
  code(cxt: KeywordCxt) {
    const { gen, data } = cxt;
    const valid = gen.let('valid', true);
    gen.if(_`${data} !== null`, () => {
      const schemaValid = gen.name('_valid');
      const inner = cxt.subschema({ keyword: NULL_OR }, schemaValid);
      gen.assign(valid, schemaValid);
      cxt.mergeValidEvaluated(inner, valid);
    });
    cxt.ok(valid);
  },
};
