import { ParsedBody } from '../../../core/parsed-body.ts';
import type { Location } from '../../../core/contract.ts';
import type { Place } from '../document/documents.ts';
import type { Findings, Judging } from '../judging.ts';
import { unitOf } from '../judging.ts';
import { isJson, parseMediaType } from '../media/media-type.ts';
import type { ContentModel } from '../model.ts';
import type { Judgement, Unit } from '../schema/unit.ts';

/** A value that is a document of a media type: the `content` of a parameter, the `contentType` of a form field. JSON is judged. */
export class ContentValue {
  readonly #isJson: boolean;
  readonly #place: Place;
  readonly #unit: Unit | undefined;

  constructor(judging: Judging, model: ContentModel, side: 'request' | 'response') {
    const media = parseMediaType(model.mediaType);
    this.#isJson = media !== undefined && isJson(media);
    this.#place = model.place;
    this.#unit = unitOf(judging, model.schema, side);
  }

  /** `readings`: the value as it may have been encoded, the likeliest first; one that fits is enough. */
  judge(findings: Findings, readings: readonly string[], location: Location, pointer: string): void {
    if (!this.#isJson) {
      findings.skip('unsupported');
      return;
    }
    let meant: Judgement | undefined;
    for (const reading of readings) {
      const parsed = parseJson(reading);
      if (!parsed.ok) continue;
      const judgement = this.#unit?.judge(parsed.value, reading.length, reading) ?? true;
      if (judgement === true) return;
      meant ??= judgement;
    }
    if (meant === undefined) findings.add('parameter_format', location, pointer, this.#place, 'not JSON');
    else if (typeof meant === 'string') findings.skip(meant);
    else if (meant !== true) findings.list(meant, location, pointer);
  }
}

export function parseJson(text: string): ReturnType<ParsedBody['json']> {
  const bytes = Buffer.from(text);
  return new ParsedBody([bytes], bytes.byteLength).json();
}
