import { describe, expect, test } from 'vitest';
import { type Loose, injected, podOf, refusal, settings } from './testing/inject.ts';

interface PortOf {
  readonly name?: string;
  readonly containerPort: number;
  readonly protocol?: string;
}

/** A pod with these containers, by name. */
function pod(
  containers: Readonly<Record<string, readonly PortOf[] | undefined>>,
  port?: string,
  initContainers: readonly object[] = [],
): Loose {
  return {
    metadata: { annotations: port === undefined ? {} : { 'plumbline.dev/port': port } },
    spec: { containers: Object.entries(containers).map(([name, ports]) => ({ name, image: 'x', ports })), initContainers },
  };
}

const http = { name: 'http', containerPort: 8080 };
const metrics = { name: 'metrics', containerPort: 9090 };
const rest = { name: 'rest', containerPort: 8081 };

describe('the port that is taken over', () => {
  test.each([
    ['http, among others', pod({ web: [metrics, http] }), ['web', 8080, 'http-app'], ['http', 7080]],
    ['http of any container', pod({ first: [metrics], web: [http] }), ['web', 8080, 'http-app'], ['http', 7080]],
    ['the only one, under any name that an API could have', pod({ web: [rest] }), ['web', 8081, 'rest-app'], ['rest', 7080]],
    ['the only one, without a name', pod({ web: [{ containerPort: 3000 }] }), ['web', 3000, undefined], ['http', 7080]],
    [
      'the only TCP one',
      pod({ web: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }, { containerPort: 36412, protocol: 'SCTP' }, rest] }),
      ['web', 8081, 'rest-app'],
      ['rest', 7080],
    ],
    [
      'the app’s, beside a mesh',
      {
        ...pod({ 'istio-proxy': [{ name: 'http-envoy-prom', containerPort: 15090 }], web: [rest] }),
        metadata: { annotations: { 'traffic.sidecar.istio.io/excludeInboundPorts': '7091' } },
      },
      ['web', 8081, 'rest-app'],
      ['rest', 7080],
    ],
    ['the one that is named', pod({ web: [http, metrics] }, 'metrics'), ['web', 9090, 'metrics-app'], ['metrics', 7080]],
    ['the one with that number', pod({ web: [http, metrics] }, '9090'), ['web', 9090, 'metrics-app'], ['metrics', 7080]],
    [
      'one without a name beside http',
      pod({ web: [http, { containerPort: 3000 }] }, '3000'),
      ['web', 3000, undefined],
      ['plumbline-http', 7080],
    ],
    ['one that nobody declares', pod({ web: undefined, worker: [metrics] }, '3000'), ['web', 3000, undefined], ['http', 7080]],
    [
      'a number whose UDP is declared',
      pod({ web: [{ name: 'quic', containerPort: 443, protocol: 'UDP' }] }, '443'),
      ['web', 443, undefined],
      ['http', 7080],
    ],
    [
      'one with a long name',
      pod({ web: [{ name: 'a-very-long-nam', containerPort: 80 }] }),
      ['web', 80, 'a-very-long-app'],
      ['a-very-long-nam', 7080],
    ],
    [
      'one whose new name ends where a - was',
      pod({ web: [{ name: 'abcdefghij-klmn', containerPort: 80 }] }),
      ['web', 80, 'abcdefghij-app'],
      ['abcdefghij-klmn', 7080],
    ],
    [
      'one whose new name is taken',
      pod({ web: [http, { name: 'http-app', containerPort: 1 }] }),
      ['web', 8080, 'http-app2'],
      ['http', 7080],
    ],
    [
      'with a namesake of another protocol',
      pod({ web: [http], dns: [{ ...http, protocol: 'UDP' }] }),
      ['web', 8080, 'http-app'],
      ['http', 7080],
    ],
  ])('is %s', (_, of, [container, number, name], [traffic, own]) => {
    const { takeover, pod: after } = injected(of);
    expect(takeover).toEqual({
      app: { container, number, name },
      traffic: { name: traffic, number: own },
      renamed: name !== undefined,
    });
    const owner = after.spec.containers.find((each: Loose) => each.name === container);
    expect(owner.ports.at(-1)).toEqual({ name: traffic, containerPort: own, protocol: 'TCP' });
  });

  test.each([
    [
      'no_port',
      pod({ web: undefined }),
      "no container declares a TCP port: give the app's number in plumbline.dev/port, or label the pod plumbline.dev/inject: disabled",
    ],
    [
      'no_port',
      pod({ web: [{ name: 'dns', containerPort: 53, protocol: 'UDP' }] }),
      "no container declares a TCP port: give the app's number in plumbline.dev/port, or label the pod plumbline.dev/inject: disabled",
    ],
    [
      'no_port',
      pod({ web: [metrics, { containerPort: 3000 }] }),
      'several TCP ports and none called http (metrics, 3000): say which in plumbline.dev/port',
    ],
    [
      'no_port',
      pod({ web: [metrics] }),
      "the only TCP port, metrics of web, is no API's by its name: if it is, say so with plumbline.dev/port",
    ],
    ['no_port', pod({ web: [http] }, 'grpc'), 'no container has a TCP port called grpc; there are http'],
    ['no_port', pod({ web: undefined }, 'grpc'), 'no container has a TCP port called grpc; there are none'],
    [
      'no_port',
      pod({ web: [http], admin: [{ ...http, containerPort: 8081 }] }),
      'two ports are called http, in web and admin: give the number in plumbline.dev/port',
    ],
    [
      'no_port',
      pod({ web: [http], admin: [{ name: 'x', containerPort: 8080 }] }, '8080'),
      'port 8080 is declared twice, in web and admin: name one in plumbline.dev/port',
    ],
    [
      'no_port',
      pod({ web: [http, { name: 'x', containerPort: 8080 }] }, '8080'),
      'port 8080 is declared twice, in web: name one in plumbline.dev/port',
    ],
    ['no_port', pod({ 'linkerd-proxy': [http] }, '8080'), 'there is no container but the proxy of a mesh'],
    [
      'port_name',
      pod({ web: [http], admin: [{ ...http, containerPort: 8081 }] }, '8080'),
      'the port http of web has a namesake in admin: a Service could mean either',
    ],
    [
      'port_name',
      pod({ web: [http] }, undefined, [{ name: 'proxy', ports: [{ ...http, containerPort: 8081 }] }]),
      'the port http of web has a namesake in proxy: a Service could mean either',
    ],
    [
      'name_taken',
      pod({ web: [http, { name: 'plumbline-http', containerPort: 1 }] }, '3000'),
      'both http and plumbline-http are names of other ports',
    ],
    [
      'name_taken',
      pod({ web: [http, { name: 'plumbline', containerPort: 1 }] }),
      "a port of web is called plumbline, which is the name of Plumbline's own",
    ],
  ])('is refused (%s): %j', (code, of, reason) => {
    expect(refusal(of)).toEqual({ is: 'refused', code, reason });
  });

  test('says where a port was named that no container declares', () => {
    expect(injected(pod({ web: undefined }, '3000')).warnings).toEqual(['no container declares port 3000; it is taken to be that of web']);
  });
});

describe('a port that speaks something else', () => {
  const asked = (probe: object, name = 'api'): Loose => ({
    spec: { containers: [{ name: 'web', image: 'x', ports: [{ name, containerPort: 8443 }], ...probe }] },
  });

  test.each(['https', 'https-web', 'grpc', 'grpc-api', 'h2c', 'http2', 'tcp-db', 'tls', 'mysql', 'redis', 'mongo', 'postgresql', 'amqp-a'])(
    'by its name, %s, is not taken unasked',
    (name) => {
      expect(refusal(asked({}, name))).toMatchObject({
        code: 'not_http',
        reason: `the port ${name} of web does not look like HTTP/1.1: if it is, say so with plumbline.dev/port`,
      });
      const wanted = { ...asked({}, name), metadata: { annotations: { 'plumbline.dev/port': name } } };
      expect(injected(wanted).takeover.app.name).toBe(`${name}-app`);
    },
  );

  test.each(['http', 'http-web', 'web', 'grpc-web', 'tcpx', 'httpsx', 'dnsx'])('%s may speak HTTP', (name) => {
    expect(injected(asked({}, name)).takeover.renamed).toBe(true);
  });

  test('by its number is not taken unasked, where it has no name', () => {
    expect(refusal(pod({ db: [{ containerPort: 5432 }] }))).toMatchObject({
      code: 'not_http',
      reason: 'the port 5432 of db does not look like HTTP/1.1: if it is, say so with plumbline.dev/port',
    });
    expect(injected(pod({ db: [{ containerPort: 5432 }] }, '5432')).takeover.app.number).toBe(5432);
    expect(injected(pod({ web: [{ name: 'web', containerPort: 8443 }] })).takeover.app.number).toBe(8443);
  });

  test.each([
    [{ readinessProbe: { httpGet: { port: 'api', scheme: 'HTTPS' } } }, 'the readinessProbe of web asks port 8443 over HTTPS'],
    [{ livenessProbe: { httpGet: { port: 8443, scheme: 'HTTPS' } } }, 'the livenessProbe of web asks port 8443 over HTTPS'],
    [{ startupProbe: { grpc: { port: 8443 } } }, 'the startupProbe of web asks port 8443 over gRPC'],
  ])('by its probe is never taken: %j', (probe, reason) => {
    const wanted = { ...asked(probe), metadata: { annotations: { 'plumbline.dev/port': 'api' } } };
    expect(refusal(wanted).reason).toBe(`${reason}: Plumbline speaks HTTP/1.1 in clear text`);
  });

  test.each([
    [{ readinessProbe: { httpGet: { port: 9443, scheme: 'HTTPS' } } }],
    [{ readinessProbe: { httpGet: { port: 'api', scheme: 'HTTP' } } }],
    [{ livenessProbe: { grpc: { port: 9000 } } }],
  ])('is not one whose probes ask another: %j', (probe) => expect(injected(asked(probe)).takeover.renamed).toBe(true));
});

describe('numbers of the sidecar', () => {
  const numbersOf = (of: Loose): unknown => {
    const { sidecar, takeover } = injected(of);
    const admin = /^admin: \{ port: (\d+) \}$/m.exec(sidecar.env[0].value)?.[1];
    return [takeover.traffic.number, sidecar.ports[0].containerPort, Number(admin ?? 7090)];
  };

  test.each([
    ['those that are standard', podOf(), [7080, 7091, 7090]],
    ['a hundred more where the app has one', podOf({ ports: [{ name: 'http', containerPort: 7080 }] }), [7180, 7091, 7090]],
    ['two hundred', pod({ web: [{ name: 'http', containerPort: 7080 }], x: [{ containerPort: 7180 }] }), [7280, 7091, 7090]],
    ['others for probes and admin', pod({ web: [http], x: [{ containerPort: 7091 }, { containerPort: 7090 }] }), [7080, 7191, 7190]],
    [
      'not those of init containers',
      pod({ web: [http] }, undefined, [{ name: 'i', ports: [{ containerPort: 7080 }] }]),
      [7180, 7091, 7090],
    ],
    ['not those that are only probed', podOf({ livenessProbe: { tcpSocket: { port: 7080 } } }), [7180, 7091, 7090]],
    ['those whose UDP is used', pod({ web: [http], x: [{ containerPort: 7080, protocol: 'UDP' }] }), [7080, 7091, 7090]],
    ['not that which nobody declares', pod({ web: undefined }, '7080'), [7180, 7091, 7090]],
  ])('are %s', (_, of, expected) => expect(numbersOf(of)).toEqual(expected));

  test('are refused where all are used', () => {
    const used = [7080, 7180, 7280, 7380, 7480].map((containerPort) => ({ containerPort }));
    expect(refusal(pod({ web: [http], x: used }))).toMatchObject({
      code: 'ports_taken',
      reason: 'the pod uses all of the ports that Plumbline could listen on, 7080 to 7491',
    });
  });

  test('are those of the configuration of the user’s own, or none', () => {
    const own = settings({ config: 'own' });
    expect(injected(podOf(), own).takeover.traffic.number).toBe(7080);
    expect(refusal(pod({ web: [http], x: [{ containerPort: 7091 }] }), own)).toMatchObject({
      code: 'ports_taken',
      reason: 'the pod itself uses port 7091, where the configuration in the ConfigMap own is taken to listen',
    });
  });
});
