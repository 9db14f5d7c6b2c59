import type { Drift, DriftKind } from '../../../core/drift.ts';
import type { Side } from '../../../core/contract.ts';
import { typeNames } from './atom.ts';
import { formatNames } from './looks-like.ts';

/** Where values of one media type of one message begin: what is found there is told with the pointer under which it was seen there first. */
export interface Root {
  readonly side: Side;
}

/** Texts of one member whose format is looked at: enough for evidence, and then a member that comes often costs no more than its name. */
const LOOKS = 8;

/** What is told of one thing that the document does not know, made once for each message that has it. */
export class Found {
  readonly kind: DriftKind;
  readonly specPointer: string;
  readonly name: string;
  readonly #told = new Map<Root, { readonly bits: number; readonly drift: Drift }>();
  readonly #onMade: () => void;
  #looks = 0;
  #formats = 0;

  /** `onMade`: called for each report that is kept. */
  constructor(kind: DriftKind, specPointer: string, name: string, onMade: () => void) {
    this.kind = kind;
    this.specPointer = specPointer;
    this.name = name;
    this.#onMade = onMade;
  }

  get wantsFormat(): boolean {
    return this.#looks < LOOKS;
  }

  addFormat(bits: number): void {
    this.#looks += 1;
    this.#formats |= bits;
  }

  /** `pointer`: where it was seen, for the first time at this root. */
  told(root: Root, types: number, pointer: string): Drift {
    const bits = types | (this.#formats << 7);
    const known = this.#told.get(root);
    if (known?.bits === bits) return known.drift;
    const drift: Drift = {
      kind: this.kind,
      side: root.side,
      location: 'body',
      pointer: known?.drift.pointer ?? pointer,
      specPointer: this.specPointer,
      name: this.name,
      types: typeNames(types),
      formats: formatNames(this.#formats),
    };
    if (known === undefined) this.#onMade();
    this.#told.set(root, { bits, drift });
    return drift;
  }

  forget(): void {
    this.#told.clear();
  }
}
