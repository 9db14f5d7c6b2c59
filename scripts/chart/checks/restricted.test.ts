import { expect, test } from 'vitest';
import { restricted } from './restricted.ts';

const container = {
  name: 'app',
  securityContext: {
    allowPrivilegeEscalation: false,
    runAsNonRoot: true,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
};
const pod = { spec: { containers: [container], volumes: [{ name: 'a', emptyDir: {} }] } };

const spec = (more: object) => ({ spec: { ...pod.spec, ...more } });
const security = (more: object) => spec({ containers: [{ ...container, securityContext: { ...container.securityContext, ...more } }] });

test('a pod that keeps to the standard has nothing against it, also where the pod says it for its containers', () => {
  expect(restricted(pod)).toEqual([]);
  const said = {
    containers: [
      { name: 'app', securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } },
    ],
  };
  expect(restricted(spec({ ...said, securityContext: { runAsNonRoot: true, seccompProfile: { type: 'Localhost' } } }))).toEqual([]);
});

test.each([
  ['no container', { spec: {} }, 'there is no container'],
  ['the network of the node', spec({ hostNetwork: true }), 'spec.hostNetwork is true'],
  ['processes of the node', spec({ hostPID: true }), 'spec.hostPID is true'],
  ['a folder of the node', spec({ volumes: [{ name: 'a', hostPath: { path: '/' } }] }), 'volume a is of type hostPath'],
  ['a sysctl of the kernel', spec({ securityContext: { sysctls: [{ name: 'kernel.msgmax' }] } }), 'sysctl kernel.msgmax'],
  ['root by the pod', spec({ securityContext: { runAsUser: 0 } }), 'spec.securityContext.runAsUser is 0'],
  ['root', security({ runAsUser: 0 }), 'container app: runAsUser is 0'],
  ['perhaps root', security({ runAsNonRoot: undefined }), 'container app: runAsNonRoot is not true'],
  ['more rights', security({ allowPrivilegeEscalation: undefined }), 'container app: allowPrivilegeEscalation is not false'],
  ['all rights', security({ privileged: true }), 'container app: privileged'],
  ['capabilities', security({ capabilities: { drop: ['ALL'], add: ['SYS_ADMIN'] } }), 'container app: capabilities are added: SYS_ADMIN'],
  ['capabilities that are kept', security({ capabilities: { drop: ['NET_RAW'] } }), 'container app: capabilities are not dropped (ALL)'],
  [
    'no seccomp',
    security({ seccompProfile: { type: 'Unconfined' } }),
    'container app: seccompProfile is neither RuntimeDefault nor Localhost',
  ],
  ['a mount of /proc', security({ procMount: 'Unmasked' }), 'container app: procMount is not Default'],
  ['a port of the node', spec({ containers: [{ ...container, ports: [{ hostPort: 80 }] }] }), 'container app: hostPort'],
])('%s', (_, given, told) => {
  expect(restricted(given)).toContain(told);
});

test('init containers are looked at as well', () => {
  expect(restricted(spec({ initContainers: [{ name: 'first' }] }))).toContain('container first: runAsNonRoot is not true');
});
