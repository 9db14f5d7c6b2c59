import { type Edit, applyEdits } from '../edit.ts';
import type { Child, Located, LocatedCollection, TextFault } from './located.ts';

/** What a place becomes: what it was, a collection some of whose children change, or something else altogether. */
export type Draft =
  | { readonly is: 'kept'; readonly at: Located }
  | { readonly is: 'opened'; readonly at: LocatedCollection; readonly slots: Slot[] }
  | { readonly is: 'fresh'; readonly value: unknown; readonly at: Located | undefined; readonly spelling?: string | undefined };

export interface Slot {
  readonly key: string | undefined;
  /** The entry of the text that it is; undefined for a new one. */
  readonly from: Child | undefined;
  draft: Draft;
}

/** A document with edits that are noted but not yet written. */
export class Drafted {
  readonly root: Slot;

  constructor(root: Located) {
    this.root = { key: undefined, from: undefined, draft: { is: 'kept', at: root } };
  }

  /** RFC 6902 §4 for add, replace and remove. What is refused leaves the draft as it was, but for collections opened on the way. */
  apply({ op, path, value, spelling }: Edit & { readonly value?: unknown; readonly spelling?: string }): TextFault | undefined {
    let slot = this.root;
    for (const [depth, part] of path.entries()) {
      if (slot.draft.is === 'fresh') {
        const rest = path.slice(depth);
        const inside = (op === 'remove' ? { op, path: rest } : { op, path: rest, value }) as Edit;
        slot.draft = { ...slot.draft, value: applyEdits(slot.draft.value, [inside]) };
        return undefined;
      }
      const opened = open(slot);
      if ('message' in opened) return opened;
      const last = depth === path.length - 1;
      if (last) return change(opened, op, part, value, spelling);
      const found = find(opened, part);
      if ('message' in found) return found;
      slot = opened.slots[found.index] as Slot;
    }
    return { message: 'the whole document is not replaced', offset: 0 };
  }
}

type Opened = Extract<Draft, { is: 'opened' }>;

function open(slot: Slot): Opened | TextFault {
  const { draft } = slot;
  if (draft.is === 'opened') return draft;
  const at = draft.at as Located;
  if (at.kind === 'alias')
    return { message: `is an alias (*${at.name}): what it names stands elsewhere, for others too`, offset: at.start };
  if (at.kind === 'scalar') return { message: 'is no mapping and no list', offset: at.start };
  if (at.style === 'pair') return { message: 'is a mapping without braces, [a: b]', offset: at.start };
  const slots = at.children.map((child): Slot => ({ key: child.key, from: child, draft: { is: 'kept', at: child.value } }));
  const opened: Opened = { is: 'opened', at, slots };
  slot.draft = opened;
  return opened;
}

function find({ at, slots }: Opened, part: string | number): { readonly index: number } | TextFault {
  const fault = (message: string, offset = at.start): TextFault => ({ message, offset });
  if (at.kind === 'seq') {
    const index = Number(part);
    return Number.isInteger(index) && index >= 0 && index < slots.length ? { index } : fault(`has no item ${part}`);
  }
  const key = String(part);
  const index = slots.findIndex((slot) => slot.key === key);
  const again = index === -1 ? undefined : slots.find((slot, i) => i > index && slot.key === key);
  if (again !== undefined) return fault(`has the key ${key} twice`, again.from?.start);
  if (index !== -1) return { index };
  if (slots.some(({ from }) => from?.merges === true))
    return fault(`has ${key} from a merged mapping (<<): what it names stands elsewhere`);
  return fault(`has no key ${key}`);
}

function change(
  opened: Opened,
  op: Edit['op'],
  part: string | number,
  value: unknown,
  spelling: string | undefined,
): TextFault | undefined {
  const { at, slots } = opened;
  if (op === 'add' && at.kind === 'seq') {
    const index = Number(part);
    if (!Number.isInteger(index) || index < 0 || index > slots.length) return { message: `has no place ${part}`, offset: at.start };
    slots.splice(index, 0, fresh(undefined, value));
    return undefined;
  }
  const key = String(part);
  if (op === 'add' && slots.every((slot) => slot.key !== key)) {
    slots.push(fresh(key, value));
    return undefined;
  }
  const found = find(opened, part);
  if ('message' in found) return found;
  const slot = slots[found.index] as Slot;
  if (op === 'remove') slots.splice(found.index, 1);
  else if (isFilled(value) && isBlock(slot.draft)) slots[found.index] = fresh(slot.key, value);
  else slot.draft = { is: 'fresh', value, at: slot.draft.at, spelling };
  return undefined;
}

function fresh(key: string | undefined, value: unknown): Slot {
  return { key, from: undefined, draft: { is: 'fresh', value, at: undefined } };
}

/** Other lines come in the place of its lines: the entry is written anew. */
function isBlock({ at }: Draft): boolean {
  return at !== undefined && (at.kind === 'map' || at.kind === 'seq') && at.style === 'block';
}

export function isFilled(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
}
