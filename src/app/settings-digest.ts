import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.ts';

/** Equal for settings that mean the same, wherever they stand in a file. 12 hexadecimal digits. */
export function settingsDigest(settings: Settings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12);
}
