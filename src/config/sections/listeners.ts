import { type Schema, choice, defaulted, durationMs, integer, later, list, object, record, sizeBytes } from '../../core/schema.ts';
import { NAME, NAME_FORM, openHost } from '../values.ts';

const protocols: Schema<readonly 'h1'[]> = list(choice(['h1'], ['h2c', 'h2']), { min: 1 });

const listener = object({
  direction: defaulted(
    choice(['ingress', 'egress']),
    'ingress',
    '`ingress`: requests to the service. `egress`: what the service asks of others, in origin-form or as its HTTP proxy.',
  ),
  host: openHost('Address or name to listen on; the default is every address, of IPv6 and IPv4.'),
  port: defaulted(integer({ min: 0, max: 65_535 }), 7080, '0 lets the system choose; the start says which.'),
  protocols: defaulted(protocols, ['h1'], 'HTTP/1.1.'),
  keepAlive: defaulted(
    durationMs({ min: 1000, max: 3_600_000 }),
    '75s',
    'How long an idle connection is kept; longer than a load balancer keeps it.',
  ),
  headerTimeout: defaulted(
    durationMs({ min: 100, max: 3_600_000 }),
    '10s',
    'Longest time for a request head to arrive; after it the answer is 408.',
  ),
  maxHeaderBytes: defaulted(sizeBytes({ min: 1024, max: 1024 ** 2 }), '16KiB', 'Largest request head; beyond it the answer is 431.'),
  maxUrlBytes: defaulted(sizeBytes({ min: 256, max: 1024 ** 2 }), '8KiB', 'Longest request target; beyond it the answer is 414.'),
  maxConnections: defaulted(integer({ min: 1, max: 1_000_000 }), 10_000, 'Connections at a time; beyond it new ones are closed at once.'),
  tls: later('TLS towards clients.'),
});

export const listenersSchema = record(listener, { key: 'name', form: NAME_FORM, pattern: NAME, min: 1 });
