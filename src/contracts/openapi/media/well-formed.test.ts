import { describe, expect, it } from 'vitest';
import { api, contractOf, ok, request, say } from '../testing.ts';
import { csvFault } from './csv.ts';
import { xmlFault } from './xml.ts';

describe('XML and CSV', () => {
  it.each<readonly [title: string, type: string, schema: unknown, body: string, said: string]>([
    ['CSV with a schema', 'text/csv', { type: 'string' }, 'x', 'skipped media_type'],
    ['CSV', 'text/csv', undefined, 'a,"b ""c"", d"\r\n"x\ny",z', 'valid'],
    ['CSV with a quote that is open', 'text/csv', undefined, 'a,"b\r\nc,d', 'malformed body'],
    ['CSV of another dialect', 'text/csv', undefined, '"a";"b"', 'skipped media_type'],
    ['CSV with a quote in a field', 'text/csv', undefined, 'a,b"c', 'skipped media_type'],
    ['TSV', 'text/tab-separated-values', undefined, '"', 'valid'],
    ['XML', 'application/xml', undefined, '<?xml version="1.0"?><a><b c="1">&lt;</b></a>', 'valid'],
    ['XML of some kind', 'image/svg+xml', undefined, '<svg>', 'malformed body'],
    ['XML that calls itself text', 'text/xml', undefined, 'text', 'malformed body'],
    ['XML with two roots', 'application/xml', undefined, '<a/><b/>', 'malformed body'],
    ['XML with an entity that nobody knows', 'application/xml', undefined, '<a>&b;</a>', 'malformed body'],
    ['XML with an entity of its own', 'application/xml', undefined, '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'skipped media_type'],
    ['XML in another encoding', 'application/xml', undefined, '<?xml version="1.0" encoding="latin1"?><a>é</a>', 'skipped media_type'],
    ['XML that is very deep', 'application/xml', undefined, '<a>'.repeat(20_000), 'skipped media_type'],
  ])('%s', async (_, type, schema, body, said) => {
    const content = { [type]: schema === undefined ? {} : { schema } };
    const contract = await contractOf(api({ '/x': { post: { requestBody: { content }, responses: ok } } }));
    expect(say(request(contract, 'POST /x', { headers: ['Content-Type', type], body }))).toBe(said);
  });

  it.each([
    ['elements', `<r>${'<i id="1">a &amp; b</i>'.repeat(11_000)}</r>`],
    ['open elements', '<a>'.repeat(87_000)],
    ['attributes', `<a ${Array.from({ length: 20_000 }, (_, i) => `a${i}="1"`).join(' ')}/>`],
    ['references', `<a>${'&lt;'.repeat(64_000)}</a>`],
    ['brackets', '<'.repeat(256_000)],
    ['a long name', `<${'a'.repeat(256_000)}/>`],
    ['brackets in CDATA', `<a><![CDATA[${']'.repeat(250_000)}]]></a>`],
    ['a document type', `<!DOCTYPE a [${'<!ENTITY b "c">'.repeat(17_000)}]><a/>`],
    ['quotes', '"'.repeat(256_000)],
    ['fields', '"a""",b,'.repeat(32_000)],
  ])('256 KiB of %s are looked at in no more than a moment', (_, text) => {
    const bytes = Buffer.from(text);
    const from = performance.now();
    xmlFault(bytes);
    csvFault(bytes);
    // 30 ms on a machine with a core to spare.
    expect(performance.now() - from).toBeLessThan(500);
  });
});
