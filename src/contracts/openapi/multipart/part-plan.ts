import type { Node } from '../document/documents.ts';
import { escapeToken } from '../document/pointer.ts';
import type { Findings, Judging } from '../judging.ts';
import { rangeFits } from '../media/content-table.ts';
import { type MediaType, isJson, parseMediaType } from '../media/media-type.ts';
import { isPlainFiles } from '../media/plain-bytes.ts';
import type { EncodingModel } from '../model.ts';
import { type Parameter, headerParameter } from '../parameters/parameter.ts';
import { judgeHeader } from '../parameters/parameters.ts';
import { ARRAY, OBJECT, SCALAR, STRING } from '../schema/shape.ts';
import type { PartFields } from './part-head.ts';

/** How the bytes of a part become a value. `ascii`: text, as far as it is ASCII; `file`: they do not, any bytes would do. */
export type PartForm = 'json' | 'text' | 'ascii' | 'file' | 'unclear';

/** What a document says of one part, or of all parts of one name. */
export class PartPlan {
  /** Types of the whole value, and of the items where it is a list. */
  readonly types: number;
  readonly itemTypes: number;
  readonly #isFile: boolean;
  readonly #isStyled: boolean;
  readonly #model: EncodingModel | undefined;
  /** Declared media types; undefined: by the types of the value. */
  readonly #ranges: readonly MediaType[] | undefined;
  readonly #headers: ReadonlyArray<readonly [lower: string, header: Parameter]>;

  /** `nodes`: all schemas that describe the value. */
  constructor(judging: Judging, nodes: readonly Node[], encoding: EncodingModel | undefined) {
    const { shapes } = judging;
    // Alternatives may describe it differently: whatever one of them allows.
    this.types = nodes.reduce((all, node) => all | shapes.types(node), nodes.length === 0 ? STRING | ARRAY : 0);
    const itemTypes = nodes.reduce((all, node) => all | shapes.itemTypes(node), nodes.length === 0 ? STRING : 0);
    this.itemTypes = (this.types & ARRAY) === 0 ? 0 : itemTypes;
    this.#isFile = nodes.every((node) => isPlainFiles(judging, node));
    this.#model = encoding;
    // 3.1.1 §4.8.15.1.2: then "the value of contentType (implicit or explicit) SHALL be ignored". In 3.0 they are for urlencoded forms alone.
    this.#isStyled = encoding?.styled === true && judging.dialect !== '3.0';
    this.#ranges = this.#isStyled ? undefined : rangesOf(encoding?.contentType);
    this.#headers = (encoding?.headers ?? []).map((header) => [header.name.toLowerCase(), headerParameter(judging, header)]);
  }

  /** Media type and header fields of the part. `pointer`: of its value. */
  checkHead(fields: PartFields, pointer: string, findings: Findings): void {
    for (const [lower, header] of this.#headers) {
      const value = fields.get(lower);
      if (value !== undefined) judgeHeader(header, value, findings);
      else if (header.required)
        findings.add('header_required', 'header', `/${escapeToken(header.name)}`, header.model.place, 'the part must have this header');
    }
    const declared = this.#ranges;
    const type = fields.get('content-type');
    // RFC 7578 §4.4: without Content-Type it is text/plain, but many senders leave it out whatever it is.
    if (declared === undefined || type === undefined || this.#model === undefined) return;
    const actual = parseMediaType(type);
    if (actual === undefined || !declared.some((range) => rangeFits(range, actual)))
      findings.add(
        'media_type',
        'media_type',
        pointer,
        this.#model.place,
        `the part must be ${(this.#model.contentType ?? '').slice(0, 200)}`,
      );
  }

  form(fields: PartFields): PartForm {
    if (this.#isFile) return 'file';
    // RFC 7578 §4.7: "deprecated"; what is coded all the same is not decoded.
    const coding = fields.get('content-transfer-encoding')?.toLowerCase();
    if (coding !== undefined && coding !== 'binary' && coding !== '8bit' && coding !== '7bit') return 'unclear';
    // A member for each part, or a list in some other style.
    if (this.#isStyled && ((this.types & OBJECT) !== 0 || this.#model?.style !== 'form' || !this.#model.explode)) return 'unclear';
    const type = fields.get('content-type');
    if (type !== undefined) return formOf(parseMediaType(type));
    const [first, ...more] = this.#ranges ?? [];
    if (first !== undefined) return more.every((range) => formOf(range) === formOf(first)) ? formOf(first) : 'unclear';
    // 3.1.1 §4.8.15.1.1: objects, and lists of them, are JSON, scalars are text.
    return ((this.types | this.itemTypes) & SCALAR) === 0 ? 'json' : 'text';
  }
}

/** Undefined: none, or nothing that can be read. */
function rangesOf(contentType: string | undefined): readonly MediaType[] | undefined {
  if (contentType === undefined || contentType.includes('"')) return undefined;
  const ranges = contentType.split(',').map(parseMediaType);
  return ranges.every((range) => range !== undefined) ? ranges : undefined;
}

const UTF8: ReadonlySet<string | undefined> = new Set([undefined, 'utf-8', 'utf8', 'us-ascii']);

function formOf(media: MediaType | undefined): PartForm {
  if (media === undefined) return 'unclear';
  if (isJson(media)) return 'json';
  if (media.type !== 'text' || media.subtype !== 'plain') return 'unclear';
  const charset = media.parameters.get('charset')?.toLowerCase();
  if (UTF8.has(charset)) return 'text';
  // What clients in Java say of every text.
  return charset === 'iso-8859-1' ? 'ascii' : 'unclear';
}
