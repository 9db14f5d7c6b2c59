import { isMapping } from '../core/schema/object.ts';
import { ANNOTATIONS } from './names.ts';
import { PROBES } from './port-references.ts';
import { type Refused, refused } from './result.ts';
import type { TakenPort } from './takeover.ts';

/**
 * What people begin the name of a port with that speaks something else than HTTP/1.1 in clear text: the protocols of Istio's `<protocol>[-<suffix>]`
 * without `http` and `grpc-web`, and h2c.
 */
const OTHER = /^(?:grpc(?!-web)|http2|h2c|https|tls|tcp|udp|mongo|mysql|redis)(?:-|$)/;
/** And of what charts bring along that is no web service. */
const STORES =
  /^(?:amqps?|cql|dns|ftp|kafka|ldaps?|mariadb|memcached?|mongodb|mqtt|mssql|nats|pgsql|postgres|postgresql|smtps?|ssh|zookeeper)(?:-|$)/;

/** What stands beside an API in clear text: what scrapes and probes it would be held against a contract that does not know it. */
const BESIDE = /^(?:metrics|prometheus|health|healthz|healthcheck|probes)$/;

/** Numbers that stand for a protocol where a port has no name: FTP to LDAPS, then by the service: MQTT, Oracle, MySQL, AMQP, PostgreSQL, and so on. */
const OTHER_NUMBERS: ReadonlySet<number> = new Set([
  21, 22, 25, 53, 389, 443, 465, 587, 636, 1433, 1521, 1883, 2181, 3306, 4222, 5432, 5671, 5672, 6379, 8443, 8883, 9042, 9092, 11211, 27017,
]);

/**
 * Refused where the port speaks what Plumbline does not: to take it over would break it; or is no API's. A probe is proof; a name is none where somebody has named the port
 * by annotation or settings.
 */
export function spokenBy({ container, port, number }: TakenPort, wanted: string | undefined): Refused | undefined {
  for (const probe of PROBES) {
    const how = otherwiseAsked(container.value[probe], (to) => to === number || (to !== undefined && to === port?.name));
    if (how !== undefined) {
      return refused(
        'not_http',
        `the ${probe} of ${container.name} asks port ${number} over ${how}: Plumbline speaks HTTP/1.1 in clear text`,
      );
    }
  }
  if (wanted !== undefined) return undefined;
  if (port?.name !== undefined && BESIDE.test(port.name)) {
    return refused(
      'no_port',
      `the only TCP port, ${port.name} of ${container.name}, is no API's by its name: if it is, say so with ${ANNOTATIONS.port}`,
    );
  }
  const isOther = port?.name === undefined ? OTHER_NUMBERS.has(number) : OTHER.test(port.name) || STORES.test(port.name);
  if (!isOther) return undefined;
  return refused(
    'not_http',
    `the port ${port?.name ?? number} of ${container.name} does not look like HTTP/1.1: if it is, say so with ${ANNOTATIONS.port}`,
  );
}

function otherwiseAsked(probe: unknown, isPort: (to: unknown) => boolean): string | undefined {
  if (!isMapping(probe)) return undefined;
  const { httpGet, grpc } = probe;
  if (isMapping(httpGet) && httpGet.scheme === 'HTTPS' && isPort(httpGet.port)) return 'HTTPS';
  return isMapping(grpc) && isPort(grpc.port) ? 'gRPC' : undefined;
}
