import { configurations } from './checks/configurations.ts';
import { duplicates } from './checks/duplicates.ts';
import { type Manifest, podOf, titleOf } from './checks/manifest.ts';
import { invalid } from './checks/models.ts';
import { naming } from './checks/names.ts';
import { restricted } from './checks/restricted.ts';

/** All that must hold of every manifest, whatever the values. */
export async function judge(manifests: readonly Manifest[]): Promise<string[]> {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const manifest of manifests) {
    const title = titleOf(manifest);
    const pod = podOf(manifest);
    const found = [
      ...(await invalid(manifest)),
      ...naming(manifest),
      ...duplicates(manifest),
      ...configurations(manifest),
      ...(pod === undefined ? [] : restricted(pod)),
      ...(seen.has(title) ? ['is there twice'] : []),
    ];
    seen.add(title);
    problems.push(...found.map((text) => `${title}: ${text}`));
  }
  return problems;
}
