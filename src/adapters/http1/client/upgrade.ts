import { type RawHeaders, headerList } from '../../../core/headers.ts';
import { listMembers } from '../wire/list-members.ts';

/** Whether a 101 with these fields changes to nothing but what `asked`, the value of Upgrade in the request, had named (RFC 9110 §7.8). */
export function changesTo(asked: string, headers: RawHeaders): boolean {
  const named = protocols(headerList(headers, 'upgrade') ?? '');
  const wanted = protocols(asked);
  return named.length > 0 && named.every((protocol) => wanted.includes(protocol));
}

/** Names with their versions, which are compared without regard to case (RFC 9110 §16.7 registers names so). */
function protocols(value: string): string[] {
  return listMembers(value.toLowerCase()).filter((protocol) => protocol !== '');
}
