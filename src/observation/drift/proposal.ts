import type { DriftKind } from '../../core/drift.ts';
import type { FindingRow } from '../../core/findings.ts';
import { OTHERS } from '../../core/merge-findings.ts';

type Subject = Pick<FindingRow, 'kind' | 'side' | 'location' | 'operation' | 'pointer' | 'specPointer' | 'name' | 'evidence'>;

/** What would make traffic and contract agree, in one sentence. It names an edit of the document, unless only the service can be wrong. */
const PROPOSALS: Readonly<Record<DriftKind, (of: Subject) => string>> = {
  undocumented_endpoint: ({ name }) => `declare ${what(name, 'the path')} in /paths`,
  undocumented_method: ({ name, specPointer }) => `declare ${what(name, 'the method')} in ${place(specPointer)}`,
  undocumented_webhook: ({ name }) => `declare the webhook ${what(name, '')} in /webhooks`.replace('  ', ' '),
  undocumented_parameter: (of) => `declare the ${of.location} parameter ${named(of)} in ${place(of.specPointer)}`,
  undocumented_header: (of) => `declare the ${of.side} header ${named(of)} in ${place(of.specPointer)}`,
  undocumented_field: (of) => `declare ${named(of)} in ${place(of.specPointer)}`,
  undocumented_status: ({ name, specPointer }) => `declare the status ${what(name, 'that was answered')} in ${place(specPointer)}`,
  undocumented_media_type: ({ name, side, specPointer }) =>
    `declare the ${side} media type ${what(name, 'that was sent')} in ${place(specPointer)}`,
  undocumented_body: ({ side, specPointer }) => `declare the content of the ${side} in ${place(specPointer)}`,
  undocumented_enum_value: ({ pointer, evidence, specPointer }) =>
    `add ${evidence.values.length > 0 ? evidence.values.join(', ') : `the value seen at ${at(pointer)}`} to the enumeration in ${place(specPointer)}`,
  type: ({ pointer, evidence, specPointer }) =>
    `allow ${seen(evidence.types, 'the type that was sent')} at ${at(pointer)} in ${place(specPointer)}`,
  format: ({ pointer, evidence, specPointer }) =>
    evidence.formats.length > 0
      ? `declare the format ${evidence.formats.join(' or ')} at ${at(pointer)} in ${place(specPointer)}`
      : `drop or correct the format at ${at(pointer)} in ${place(specPointer)}`,
  missing_required: (of) => `make ${named(of)} optional in ${place(of.specPointer)}`,
  constraint: ({ pointer, specPointer }) => `relax ${place(specPointer)} to what is sent at ${at(pointer)}`,
  valid_refused: ({ operation, name }) =>
    `declare what \`${operation}\` refuses with ${name === '' || name === OTHERS ? '400 or 422' : name}: its requests are valid by the contract`,
  invalid_accepted: ({ operation, pointer, specPointer }) =>
    `relax ${place(specPointer)} to what \`${operation}\` accepts at ${at(pointer)}, or have it refused`,
  gone_before_sunset: ({ specPointer }) => `bring back what ${place(specPointer)} promises until its sunset, or move the sunset`,
  lost_update: ({ operation }) =>
    `have \`${operation}\` honour If-Match, or require it of callers (policies.precondition): writes overwrite each other`,
  contract_skew: ({ name }) =>
    `have ${name === OTHERS ? 'further consumers' : 'the consumer'} move to the version in force${name === '' || name === OTHERS ? '' : `: ${name}`}`,
};

export function proposalFor(of: Subject): string {
  return PROPOSALS[of.kind](of);
}

function named({ name, evidence: { types, formats } }: Subject): string {
  const looks = [...types, ...formats].join(', ');
  return `${what(name, 'what was seen')}${looks === '' ? '' : ` (${looks})`}`;
}

function what(name: string, otherwise: string): string {
  if (name === OTHERS) return 'further names';
  return name === '' ? otherwise : `\`${name}\``;
}

function seen(types: readonly string[], otherwise: string): string {
  return types.length === 0 ? otherwise : types.join(' or ');
}

function place(specPointer: string): string {
  return specPointer === '' ? 'the document' : specPointer;
}

/** The whole body has an empty pointer (RFC 6901). */
function at(pointer: string): string {
  return pointer === '' ? 'the root' : pointer;
}
