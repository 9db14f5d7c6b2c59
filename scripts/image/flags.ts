/**
 * What V8 must be told before it runs, in the image and where its compile cache is filled: V8 takes no cache that was made under other
 * flags. The same as in `bin/plumbline.js`, which also runs the sources and so has one flag more; a test holds the three places together.
 */
export const V8_FLAGS: readonly string[] = ['--max-semi-space-size=32', '--no-allocation-site-pretenuring'];
