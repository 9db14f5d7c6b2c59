import { _, Ajv2020, type CodeKeywordDefinition, type KeywordCxt } from 'ajv/dist/2020.js';
import { patternOf } from '../pattern/engine.ts';
import { budget, OVER_BUDGET } from './budget.ts';
import type { Formats } from './formats.ts';
import { EITHER, NULL_OR, WRITTEN } from './keywords.ts';
import { isMultipleOf } from './multiple-of.ts';
import { isLongerThan, isShorterThan } from './text-length.ts';
import { hasUniqueItems } from './unique-items.ts';
import { valueSetOf } from './value-set.ts';
import { brokenWritten, type Written } from './written.ts';

/** A schema that judges: compiled, or interpreted until it is. */
export type Check = (data: unknown) => boolean;

/** What a `$ref` in the normal form calls. */
export interface Slot {
  validate: Check;
  /** Of one call, in units of the budget. */
  readonly cost: number;
}

export interface AjvOptions {
  readonly formats: Formats;
  readonly ownProperties: boolean;
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
  // The class sets both. The normal form has no dynamic references, and schemas with `unevaluated…` do not come here.
  ajv.opts.dynamicRef = false;
  ajv.opts.unevaluated = false;
  for (const keyword of ['$ref', 'multipleOf', 'uniqueItems', 'prefixItems', 'maxLength', 'minLength', 'enum']) ajv.removeKeyword(keyword);
  ajv.addKeyword(refKeyword(options.slot));
  ajv.addKeyword(multipleOf);
  ajv.addKeyword(uniqueItems);
  ajv.addKeyword(enumOf);
  ajv.addKeyword(prefixItems);
  ajv.addKeyword(textLimit('maxLength', isLongerThan));
  ajv.addKeyword(textLimit('minLength', isShorterThan));
  ajv.addKeyword(nullOr);
  ajv.addKeyword({ keyword: EITHER, macro: (readings: unknown) => ({ anyOf: readings }) });
  ajv.addKeyword(quiet);
  ajv.addKeyword(writtenNumbers(options.formats));
  return ajv;
}

/** Compiles a schema in the normal form to a function that says yes or no. */
export function compileQuiet(ajv: Ajv2020, schema: unknown): Check {
  return ajv.compile({ [QUIET]: schema }) as Check;
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
      const { gen } = cxt;
      const wrapper = gen.scopeValue('wrapper', { ref: slot(cxt.schema as string) });
      const steps = gen.scopeValue('obj', { ref: budget });
      const over = gen.scopeValue('obj', { ref: OVER_BUDGET });
      gen.if(_`(${steps}.left -= ${wrapper}.cost) < 0`, () => gen.throw(_`${over}`));
      cxt.pass(_`${wrapper}.validate(${cxt.data})`);
    },
  };
}

const QUIET = 'plumbline:quiet';

/** Holds a schema that makes no descriptions of errors, which nobody reads: code for them is a third of what Ajv would write. */
const quiet: CodeKeywordDefinition = {
  keyword: QUIET,
  schemaType: ['object', 'boolean'],
  code(cxt: KeywordCxt) {
    const valid = cxt.gen.name('valid');
    cxt.subschema({ keyword: QUIET, createErrors: false }, valid);
    cxt.ok(valid);
  },
};

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

/** Ajv's own counts every text to its end: 5 % of what judging a body costs. */
function textLimit(keyword: string, breaks: (text: string, limit: number) => boolean): CodeKeywordDefinition {
  return {
    keyword,
    type: 'string',
    schemaType: 'number',
    error: { message: '' },
    code(cxt: KeywordCxt) {
      const check = cxt.gen.scopeValue('func', { ref: breaks });
      cxt.fail(_`${check}(${cxt.data}, ${cxt.schemaCode})`);
    },
  };
}

/** Assertions whose numbers were written with more digits than binary numbers have. */
function writtenNumbers(formats: Formats): CodeKeywordDefinition {
  const reading = { formats, written: false };
  return {
    keyword: WRITTEN,
    schemaType: 'object',
    error: { message: '' },
    code(cxt: KeywordCxt) {
      const wanted = cxt.schema as Written;
      const breaks = cxt.gen.scopeValue('func', { ref: (value: unknown) => brokenWritten(value, wanted, reading) !== undefined });
      cxt.fail(_`${breaks}(${cxt.data})`);
    },
  };
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value !== 'object';
}

/** Scalars up to so many are compared one after the other. */
const FEW = 16;

/** Ajv's own compares with every value: a list of items under an `enum` of thousands would take seconds. */
const enumOf: CodeKeywordDefinition = {
  keyword: 'enum',
  schemaType: 'array',
  error: { message: '' },
  code(cxt: KeywordCxt) {
    const values = cxt.schema as ReadonlyArray<string | number | boolean | null | object>;
    if (values.length === 0) return cxt.fail();
    if (values.length <= FEW && values.every(isScalar))
      return cxt.pass(values.map((value) => _`${cxt.data} === ${value}`).reduce((any, one) => _`${any} || ${one}`));
    const set = cxt.gen.scopeValue('obj', { ref: valueSetOf(values) });
    cxt.fail(_`!${set}.has(${cxt.data})`);
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

/** Ajv's own leaves out the keywords that follow where the array is empty: `contains` was never asked. */
const prefixItems: CodeKeywordDefinition = {
  keyword: 'prefixItems',
  type: 'array',
  schemaType: 'array',
  before: 'uniqueItems',
  code(cxt: KeywordCxt) {
    const { gen, data } = cxt;
    const { length } = cxt.schema as readonly unknown[];
    const size = gen.const('len', _`${data}.length`);
    for (let i = 0; i < length; i++) {
      const valid = gen.let('valid', true);
      gen.if(_`${size} > ${i}`, () => {
        const itemValid = gen.name('_valid');
        cxt.subschema({ keyword: 'prefixItems', schemaProp: i, dataProp: i }, itemValid);
        gen.assign(valid, itemValid);
      });
      cxt.ok(valid);
    }
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
      cxt.subschema({ keyword: NULL_OR }, schemaValid);
      gen.assign(valid, schemaValid);
    });
    cxt.ok(valid);
  },
};
