import type { Drift } from '../../core/drift.ts';
import type { KeptFinding } from './kept-finding.ts';

/** The first one of each name at one place of a document; the others of that name hang on it. */
type Place = Map<string, KeptFinding>;

/**
 * Findings by what makes them the same: a tree of maps, so that a lookup joins no strings and allocates nothing. It is asked for every observation,
 * and most texts come out of a compiled contract, with their hashes known.
 */
export class FindingIndex {
  readonly #places = new Map<string, Map<string, Place>>();

  find(api: string, specPointer: string, name: string, of: Pick<Drift, 'kind' | 'side'>): KeptFinding | undefined {
    let finding = this.#places.get(api)?.get(specPointer)?.get(name);
    while (finding !== undefined && (finding.kind !== of.kind || finding.side !== of.side)) finding = finding.next;
    return finding;
  }

  /** How many different ones there are. */
  namesAt(api: string, specPointer: string): number {
    return this.#places.get(api)?.get(specPointer)?.size ?? 0;
  }

  add(finding: KeptFinding): void {
    const { api, specPointer, name } = finding;
    const ofApi = this.#places.get(api) ?? new Map<string, Place>();
    this.#places.set(api, ofApi);
    const place: Place = ofApi.get(specPointer) ?? new Map();
    ofApi.set(specPointer, place);
    finding.next = place.get(name);
    place.set(name, finding);
  }

  remove(finding: KeptFinding): void {
    const { api, specPointer, name } = finding;
    const ofApi = this.#places.get(api);
    const place = ofApi?.get(specPointer);
    const first = place?.get(name);
    if (ofApi === undefined || place === undefined || first === undefined) return;
    if (first === finding) {
      if (finding.next === undefined) place.delete(name);
      else place.set(name, finding.next);
    } else {
      let before = first;
      while (before.next !== undefined && before.next !== finding) before = before.next;
      before.next = finding.next;
    }
    if (place.size === 0) ofApi.delete(specPointer);
    if (ofApi.size === 0) this.#places.delete(api);
  }
}
