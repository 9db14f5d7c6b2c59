import type { Findings, Judging } from '../judging.ts';
import { kindOf, parseMediaType } from '../media/media-type.ts';
import { formDecode, percentDecode } from './decode.ts';
import { FormFields } from './form-fields.ts';
import type { Parameter } from './parameter.ts';

/** The whole query as one value (`in: querystring`, 3.2.0 §4.12.1). */
export class QueryString {
  readonly #parameter: Parameter;
  readonly #form: FormFields | undefined;

  constructor(judging: Judging, parameter: Parameter) {
    const { content } = parameter.model;
    const media = content === undefined ? undefined : parseMediaType(content.mediaType);
    this.#parameter = parameter;
    this.#form =
      content !== undefined && media !== undefined && kindOf(media) === 'form' ? new FormFields(judging, content, 'request') : undefined;
  }

  /** `also`: names in the query that something else declares (API keys). */
  check(query: string, also: ReadonlySet<string>, findings: Findings): void {
    const parameter = this.#parameter;
    if (query === '') {
      if (parameter.required) parameter.missing(findings);
      return;
    }
    if (this.#form !== undefined) {
      const malformed = this.#form.judge(query, { bytes: query.length, also, location: 'query', prefix: parameter.pointer }, findings);
      if (malformed !== undefined) parameter.malformed(findings, malformed);
      return;
    }
    const readings = [percentDecode(query), formDecode(query)].filter((text) => text !== undefined);
    if (parameter.content === undefined) findings.skip('unsupported');
    else if (readings.length === 0) parameter.malformed(findings, 'not percent-encoded UTF-8');
    else parameter.content.judge(findings, readings, 'query', parameter.pointer);
  }
}
