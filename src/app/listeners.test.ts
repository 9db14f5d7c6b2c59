import { describe, expect, it } from 'vitest';
import type { ListenerSettings } from '../config/settings.ts';
import { ListenError } from '../core/listen-error.ts';
import { explained } from './listeners.ts';

const at = (host: string | undefined, port: number) => ({ name: 'in', host, port }) as ListenerSettings;
const open = (host: string | undefined, port: number) => ({ settings: at(host, port), url: `http://${host}:${port}` });
const words = (wanted: ListenerSettings, code = 'EADDRINUSE') =>
  (explained(new ListenError('listener in', wanted, code), wanted, [open('127.0.0.1', 80), open('0.0.0.0', 81)]) as Error).message;

describe('a port that is taken', () => {
  it('by this gateway itself, at a wildcard beside an address, is said to need a restart', () => {
    expect(words(at('0.0.0.0', 80))).toBe(
      "listener in cannot listen on 0.0.0.0:80: the port is taken (EADDRINUSE) by this gateway's own http://127.0.0.1:80: that needs a restart",
    );
    expect(words(at(undefined, 80))).toBe(words(at('::', 80)));
    expect(words(at('::', 80))).toMatch(/^listener in cannot listen on \[::\]:80: .* by this gateway's own http:\/\/127\.0\.0\.1:80/);
    expect(words(at('127.0.0.1', 81))).toContain("by this gateway's own http://0.0.0.0:81");
  });

  it('by somebody else is what the system says', () => {
    for (const wanted of [at('127.0.0.2', 80), at('0.0.0.0', 82)]) expect(words(wanted)).toMatch(/the port is taken \(EADDRINUSE\)$/);
    expect(words(at('0.0.0.0', 80), 'EACCES')).toMatch(/permission denied \(EACCES\)$/);
  });
});
