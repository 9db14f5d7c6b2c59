import type { WebhookNaming } from '../../core/contract.ts';
import { type Schema, checked, headerName, mapped, object, oneOf, optional, string } from '../../core/schema.ts';

const mapping = checked(
  object({
    name: optional(string({ maxLength: 256 }), 'Every request is this webhook of the document.'),
    header: optional(headerName(), 'Header that names it: `X-GitHub-Event`.'),
    pointer: optional(
      string({ type: 'JSON pointer', form: 'begins with /', pattern: /^(?:\/(?:[^~/]|~[01])*)+$/, maxLength: 512 }),
      'Place in the JSON body that names it: `/type`. Beside `header`: the second part of the name, as in GitHub’s `issues` and `opened`.',
    ),
  }),
  ({ name, header, pointer }) => {
    if (name !== undefined && (header !== undefined || pointer !== undefined))
      return { code: 'not_together', message: 'is said by `name`, or by `header` and `pointer`, not by both' };
    if (name === undefined && header === undefined && pointer === undefined)
      return { code: 'missing_key', message: 'needs `name`, `header` or `pointer`: how does a request say which webhook it is?' };
    return undefined;
  },
);

const text: Schema<WebhookNaming> = mapped(string({ maxLength: 256 }), (name) => ({ name }));

/** How requests of a route say which webhook of its contract they are. */
export const webhooksSchema: Schema<WebhookNaming> = oneOf<WebhookNaming>('a name or `{ name | header, pointer }`', [
  { when: 'text', schema: text },
  {
    when: 'mapping',
    schema: mapped(mapping, ({ name, header, pointer }): WebhookNaming => {
      if (name !== undefined) return { name };
      return header === undefined ? { header, pointer: pointer ?? '' } : { header, pointer };
    }),
  },
]);
