import { createHash } from 'node:crypto';
import type { Commit } from './commit.ts';
import { type Bom, type Component, type Part, licensesOf, purl } from './cyclonedx.ts';

/** What the list is about. */
export interface Subject {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly commit: Commit;
  /** References of what it uses itself. */
  readonly dependsOn: readonly string[];
}

/**
 * A software bill of materials as CycloneDX 1.6 in JSON: the subject, its parts, and what is made with what. The same parts give the same bytes: the time
 * is that of the commit, and the serial number is drawn from the content. @throws where two parts have one reference, or one is used that
 * is not listed.
 */
export function sbom(subject: Subject, parts: readonly Part[]): Bom {
  const ref = purl('generic', [subject.name], subject.version);
  const dependencies = [{ ref, dependsOn: subject.dependsOn }, ...parts.map(edges)];
  checkReferences(ref, parts, dependencies);
  const content = {
    metadata: metadata(subject, ref),
    components: parts.map(({ component }) => component),
    dependencies,
  };
  return { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialNumber(content), version: 1, ...content };
}

/** As it is written into a file. */
export function sbomText(subject: Subject, parts: readonly Part[]): string {
  return `${JSON.stringify(sbom(subject, parts), null, 2)}\n`;
}

const edges = ({ component, dependsOn }: Part) => ({ ref: component['bom-ref'], dependsOn });

function metadata({ name, version, description, license, commit }: Subject, ref: string): object {
  const component: Component = {
    type: 'application',
    'bom-ref': ref,
    name,
    version,
    description,
    licenses: licensesOf(license),
    purl: ref,
    ...(commit.revision !== '' && { properties: [{ name: 'plumbline:revision', value: commit.revision }] }),
  };
  return {
    timestamp: new Date(commit.epochSeconds * 1000).toISOString().replace('.000Z', 'Z'),
    lifecycles: [{ phase: 'build' }],
    tools: { components: [{ type: 'application', name: `${name}-sbom`, version }] },
    component,
  };
}

function checkReferences(subject: string, parts: readonly Part[], dependencies: Bom['dependencies']): void {
  const known = new Set([subject]);
  const add = ({ 'bom-ref': ref, components }: Component): void => {
    if (known.has(ref)) throw new Error(`two components are called ${ref}`);
    known.add(ref);
    components?.forEach(add);
  };
  for (const { component } of parts) add(component);
  const missing = dependencies.flatMap(({ dependsOn }) => dependsOn).find((ref) => !known.has(ref));
  if (missing !== undefined) throw new Error(`${missing} is used, and not listed`);
}

/** A UUID of version 8 (RFC 9562 §5.8), whose bits are the content's. */
function serialNumber(content: object): string {
  const bytes = createHash('sha256').update(JSON.stringify(content)).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return `urn:uuid:${bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')}`;
}
