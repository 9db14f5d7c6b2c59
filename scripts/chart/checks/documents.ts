import { parseAllDocuments } from 'yaml';
import { type Manifest, at, isRecord } from './manifest.ts';

/** Manifests of a stream of YAML documents; empty ones are left out, and a key that stands twice is a fault. */
export function documents(text: string): { readonly manifests: readonly Manifest[]; readonly faults: readonly string[] } {
  const manifests: Manifest[] = [];
  const faults: string[] = [];
  for (const document of parseAllDocuments(text, { uniqueKeys: true })) {
    faults.push(...document.errors.map((error) => error.message));
    const value: unknown = document.toJS();
    if (value === null || value === undefined) continue;
    if (isManifest(value)) manifests.push(value);
    else faults.push(`no manifest: ${JSON.stringify(value).slice(0, 200)}`);
  }
  return { manifests, faults };
}

function isManifest(value: unknown): value is Manifest {
  return (
    isRecord(value) &&
    typeof value.apiVersion === 'string' &&
    typeof value.kind === 'string' &&
    typeof at(value, 'metadata', 'name') === 'string'
  );
}
