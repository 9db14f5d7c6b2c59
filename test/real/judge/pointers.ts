import { type Json, member } from '../github.ts';

/** JSON pointers (RFC 6901) and references within one document. */

/** One token more. */
export function below(pointer: string, token: string | number): string {
  return `${pointer}/${String(token).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** What stands at a pointer; undefined: nothing. */
export function at(value: Json, pointer: string): Json | undefined {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<Json | undefined>(
      (found, token) => (Array.isArray(found) ? (found[Number(token)] as Json | undefined) : member(found, token)),
      value,
    );
}

/** The place that a chain of `$ref`s ends at. @throws where one leaves the document. */
export function followed(document: Json, pointer: string): string {
  const ref = member(at(document, pointer), '$ref');
  if (typeof ref !== 'string') return pointer;
  if (!ref.startsWith('#/')) throw new Error(`${pointer} refers to ${ref}, outside of the document`);
  return followed(document, ref.slice(1));
}
