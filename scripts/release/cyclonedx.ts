/** As much of CycloneDX 1.6 (ECMA-424) as is written here. Names are those of its JSON format. */
export interface Component {
  readonly type: 'application' | 'library' | 'platform' | 'file';
  readonly 'bom-ref': string;
  readonly supplier?: { readonly name: string };
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly description?: string;
  readonly hashes?: readonly Hash[];
  readonly licenses?: readonly Licence[];
  readonly cpe?: string;
  readonly purl?: string;
  readonly components?: readonly Component[];
  readonly properties?: ReadonlyArray<{ readonly name: string; readonly value: string }>;
}

export interface Hash {
  readonly alg: 'SHA-256' | 'SHA-512';
  /** Hexadecimal. */
  readonly content: string;
}

export type Licence = { readonly license: { readonly id: string } } | { readonly expression: string };

/** A component and what it is made with, by `bom-ref`. */
export interface Part {
  readonly component: Component;
  readonly dependsOn: readonly string[];
}

export interface Bom {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: object;
  readonly components: readonly Component[];
  readonly dependencies: ReadonlyArray<{ readonly ref: string; readonly dependsOn: readonly string[] }>;
}

/** One licence by its SPDX identifier, several as the expression that they are (`(MIT OR Apache-2.0)`). */
export function licensesOf(said: string): readonly [Licence] {
  return [/^[\w.+-]+$/.test(said) ? { license: { id: said } } : { expression: said }];
}

/** Package URL (github.com/package-url/purl-spec): `pkg:npm/%40scope/name@1.0.0`. `path` is namespace and name. */
export function purl(type: string, path: readonly string[], version: string, qualifiers: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.entries(qualifiers).sort(([a], [b]) => (a < b ? -1 : 1));
  const query = pairs.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('&');
  return `pkg:${type}/${path.map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}${query === '' ? '' : `?${query}`}`;
}
