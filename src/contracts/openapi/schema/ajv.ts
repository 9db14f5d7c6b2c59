import { Ajv2020, type CodeKeywordDefinition, type ErrorObject, type KeywordCxt, Name, _ } from 'ajv/dist/2020.js';
import { mergeEvaluated } from 'ajv/dist/compile/util.js';
import { patternOf } from '../pattern/engine.ts';
import { SchemaFault } from './fault.ts';
import { assertedFormats } from './formats.ts';
import { NULL_OR } from './keywords.ts';
import { isMultipleOf } from './multiple-of.ts';
import { hasUniqueItems } from './unique-items.ts';

/** A compiled schema. `errors` is set by a call that gave false. */
export interface Check {
  (data: unknown, at?: { readonly instancePath: string }): boolean;
  errors?: SchemaError[] | null;
}

/** An error of Ajv with what is needed to say where in the document its rule stands. */
export interface SchemaError extends ErrorObject {
  /** The unit whose schema `schemaPath` is a path in; set by the first call that hands the error on. */
  unit?: string;
  /** The references that led there, innermost first, as `schemaPath`s of the referring units. */
  via?: string[];
}

/** What a `$ref` in the normal form calls: replaced by the compiled schema when it is first called. */
export interface Slot {
  readonly key: string;
  validate: Check;
}

/** References followed in one judgement: a bound on what recursive schemas with alternatives may cost. */
export const budget = { left: 0 };
const OVER_BUDGET = new SchemaFault('too_large', 'too many steps');

/** Variables of the code that Ajv writes. */
const N = { vErrors: new Name('vErrors'), errors: new Name('errors'), instancePath: new Name('instancePath') };

/** Errors kept while alternatives are tried; more say nothing new. */
const MAX_ERRORS = 500;

export interface AjvOptions {
  readonly formats: 'assert' | 'annotate';
  readonly allErrors: boolean;
  readonly ownProperties: boolean;
  /** Some file says `unevaluated…`: keep track of what has been evaluated. */
  readonly unevaluated: boolean;
  slot(key: string): Slot;
}

/** One Ajv, set up for schemas in the normal form. Nothing is ever registered in it: `$ref` calls slots. */
export function makeAjv(options: AjvOptions): Ajv2020 {
  const ajv = new Ajv2020({
    strict: false,
    logger: false,
    meta: false,
    validateSchema: false,
    addUsedSchema: false,
    inlineRefs: false,
    messages: false,
    allErrors: options.allErrors,
    ownProperties: options.ownProperties,
    validateFormats: options.formats === 'assert',
    ...(options.formats === 'assert' ? { formats: assertedFormats() } : {}),
    code: { optimize: false, regExp: Object.assign((source: string) => patternOf(source), { code: 'pattern' }) },
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

/** Calls the slot of another unit, which compiles it if it is the first to need it. */
function refKeyword(slot: (key: string) => Slot): CodeKeywordDefinition {
  return {
    keyword: '$ref',
    schemaType: 'string',
    code(cxt: KeywordCxt) {
      const { gen, it } = cxt;
      const target = slot(cxt.schema as string);
      const wrapper = gen.scopeValue('wrapper', { ref: target });
      const steps = gen.scopeValue('obj', { ref: budget });
      const over = gen.scopeValue('obj', { ref: OVER_BUDGET });
      gen.if(_`--${steps}.left < 0`, () => gen.throw(_`${over}`));
      const call = _`${wrapper}.validate(${cxt.data}, {instancePath: ${N.instancePath} + ${it.errorPath}})`;
      cxt.result(
        call,
        () => {
          if (!it.opts.unevaluated) return;
          // Nothing is known of the target when this is compiled: what it evaluated is read after each call.
          if (it.props !== true) {
            const props = gen.var('props', _`${wrapper}.validate.evaluated.props`);
            it.props = mergeEvaluated.props(gen, props, it.props, Name);
          }
          if (it.items !== true) {
            const items = gen.var('items', _`${wrapper}.validate.evaluated.items`);
            it.items = mergeEvaluated.items(gen, items, it.items, Name);
          }
        },
        () => {
          const add = gen.scopeValue('func', { ref: addErrors });
          gen.assign(N.vErrors, _`${add}(${N.vErrors}, ${wrapper}, ${`${it.errSchemaPath}/$ref`})`);
          gen.assign(N.errors, _`${N.vErrors}.length`);
        },
      );
    },
  };
}

/** Hands a target's errors on. In place and bounded: joining lists for each item of an array would cost their square. */
function addErrors(into: SchemaError[] | null, target: Slot, site: string): SchemaError[] {
  const list = into ?? [];
  const { length } = list;
  for (const error of target.validate.errors ?? []) {
    // One at least: that there is one more is how the generated code knows of a failure.
    if (list.length >= MAX_ERRORS && list.length > length) break;
    error.unit ??= target.key;
    error.via ??= [];
    error.via.push(site);
    list.push(error);
  }
  target.validate.errors = null;
  return list;
}

const multipleOf: CodeKeywordDefinition = {
  keyword: 'multipleOf',
  type: 'number',
  schemaType: 'number',
  error: { message: '', params: ({ schemaCode }) => _`{multipleOf: ${schemaCode}}` },
  code(cxt: KeywordCxt) {
    const check = cxt.gen.scopeValue('func', { ref: isMultipleOf });
    cxt.fail(_`!${check}(${cxt.data}, ${cxt.schemaCode})`);
  },
};

const uniqueItems: CodeKeywordDefinition = {
  keyword: 'uniqueItems',
  type: 'array',
  schemaType: 'boolean',
  error: { message: '', params: _`{}` },
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
