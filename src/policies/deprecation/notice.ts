import type { Deprecation } from '../../core/contract.ts';
import { type RawHeaders, headerList, headerValue } from '../../core/headers.ts';

/** What an answer is to say beside what its sender said: names as they are sent, in order. */
export type NoticeFields = ReadonlyArray<readonly [name: string, value: string]>;

const NO_FIELDS: NoticeFields = Object.freeze([]);

interface Link {
  readonly rel: string;
  readonly value: string;
}

/** The fields that tell a caller that an operation goes away (semantics PC-3), made once for each operation. */
export class Notice {
  readonly #dates: NoticeFields;
  readonly #links: readonly Link[];
  readonly #allLinks: string;
  /** Of an answer whose sender says nothing of all that. */
  readonly #whole: NoticeFields;

  constructor({ deprecatedAt, sunsetAt, successor, info }: Deprecation) {
    const dates: Array<readonly [string, string]> = [];
    // RFC 9745 §2.1: a Date of structured fields (RFC 9651 §3.3.7).
    if (deprecatedAt !== undefined) dates.push(['Deprecation', `@${deprecatedAt / 1000}`]);
    // RFC 8594 §3: an HTTP-date.
    if (sunsetAt !== undefined) dates.push(['Sunset', new Date(sunsetAt).toUTCString()]);
    const links: Link[] = [];
    const link = (rel: string, target: string | undefined): void => {
      if (target !== undefined) links.push({ rel, value: `<${target}>; rel="${rel}"` });
    };
    link('deprecation', info); //                                       RFC 9745 §3
    link('sunset', sunsetAt === undefined ? undefined : info); //       RFC 8594 §6
    link('successor-version', successor); //                            RFC 5829 §3.5
    this.#dates = dates;
    this.#links = links;
    this.#allLinks = links.map(({ value }) => value).join(', ');
    this.#whole = links.length === 0 ? dates : [...dates, ['Link', this.#allLinks]];
  }

  /**
   * What is added to an answer with these fields. Its sender's own word stands: where it gives one of the two dates neither is added, as ours beside
   * it could say that something goes away before it is deprecated (RFC 9745 §4); a Link keeps its own and gets those whose relation it lacks.
   */
  fieldsFor(headers: RawHeaders): NoticeFields {
    const link = headerList(headers, 'link');
    const dated = headerValue(headers, 'deprecation') !== undefined || headerValue(headers, 'sunset') !== undefined;
    if (link === undefined && !dated) return this.#whole;
    const dates = dated ? NO_FIELDS : this.#dates;
    if (this.#links.length === 0) return dates;
    if (link === undefined || link.trim() === '') return [...dates, ['Link', this.#allLinks]];
    const known = relations(link);
    const missing = this.#links.filter(({ rel }) => !known.has(rel));
    return missing.length === 0 ? dates : [...dates, ['Link', [link, ...missing.map(({ value }) => value)].join(', ')]];
  }
}

const REL = /;[ \t]*rel[ \t]*=[ \t]*(?:"([^"]*)"|([^\s;,"]+))/gi;

/** Relation types that a Link field names (RFC 8288 §3.3), in lower case. */
function relations(link: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [, quoted, plain] of link.matchAll(REL))
    for (const rel of (quoted ?? plain ?? '').split(/[ \t]+/)) if (rel !== '') found.add(rel.toLowerCase());
  return found;
}
