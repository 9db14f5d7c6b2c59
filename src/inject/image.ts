import manifest from '../../package.json' with { type: 'json' };

/** Of Plumbline, as `--version` says it. */
export const VERSION: string = manifest.version;

/** Where the image is looked for; the one place in the sources that says so. The chart's `image.repository` is the same, and a test compares them. */
export const IMAGE_REPOSITORY = 'ghcr.io/plumbline/plumbline';

/** What a sidecar runs unless somebody says otherwise. */
export const DEFAULT_IMAGE: string = `${IMAGE_REPOSITORY}:${VERSION}`;

/** The image's entry point with `retire` (docs/kubernetes/life.md): a hook cannot leave the entry point out, as `args` can. */
export const RETIRE_COMMAND: readonly string[] = [
  'node',
  '--max-semi-space-size=32',
  '--no-allocation-site-pretenuring',
  '/app/plumbline.js',
  'retire',
];
