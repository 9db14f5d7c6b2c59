/** How the version that a consumer was built on stands to the one in force. */
export type Skew = 'same' | 'behind_minor' | 'behind_major' | 'ahead_minor' | 'ahead_major' | 'not_comparable';

/** Major, minor and patch of Semantic Versioning 2.0.0; the last two may be missing; what follows the patch does not count. */
const VERSION = /^v?(\d{1,9})(?:\.(\d{1,9})(?:\.\d{1,9}(?:[-+][0-9A-Za-z.+-]*)?)?)?$/;

/**
 * Levels of Semantic Versioning: another major level may have broken what the consumer was built on, another minor one has more or less of it. A patch
 * changes no interface. What the consumer leaves out (`1` for any 1.x) is not held against it. Versions of other forms are the same or not comparable.
 */
export function compareVersions(declared: string, inForce: string): Skew {
  if (declared === inForce) return 'same';
  const [built, now] = [VERSION.exec(declared), VERSION.exec(inForce)];
  if (built === null || now === null) return 'not_comparable';
  const major = Number(built[1]) - Number(now[1]);
  if (major !== 0) return major < 0 ? 'behind_major' : 'ahead_major';
  if (built[2] === undefined || now[2] === undefined) return 'same';
  const minor = Number(built[2]) - Number(now[2]);
  if (minor === 0) return 'same';
  return minor < 0 ? 'behind_minor' : 'ahead_minor';
}
