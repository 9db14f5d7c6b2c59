import type { Flag } from './flags.ts';

export const INJECTOR_FLAGS: readonly Flag[] = [
  { long: '--settings', value: '<file>', text: 'how pods are injected (YAML); read again when it changes' },
  { long: '--host', value: '<address>', text: 'address to listen on, for reviews (default: ::, every address)' },
  { long: '--port', value: '<port>', text: 'port to listen on, for reviews over HTTPS, 0 for any (default: 9443)' },
  { long: '--probes-host', value: '<address>', text: 'address of health and metrics (default: ::, every address)' },
  { long: '--probes-port', value: '<port>', text: 'port of health and metrics, over HTTP, 0 for any (default: 7091)' },
  { long: '--cert-dir', value: '<dir>', text: 'folder with tls.crt and tls.key, as cert-manager brings them; read again when they change' },
  { long: '--self-signed', text: 'instead: make a certificate, keep it in a Secret, and tell the API server to trust it' },
  { long: '--secret', value: '<name>', text: 'of --self-signed: the Secret, which all replicas share' },
  { long: '--webhook', value: '<name>', text: 'of --self-signed: the MutatingWebhookConfiguration' },
  { long: '--service', value: '<name>', text: 'of --self-signed: the Service that the API server calls' },
  { long: '--namespace', value: '<name>', text: 'of --self-signed: where Secret and Service are (default: that of the pod)' },
  {
    long: '--account-dir',
    value: '<dir>',
    text: "of --self-signed: folder with the service account's token and ca.crt (default: where Kubernetes mounts them)",
  },
  { long: '--drain-delay', value: '<duration>', text: 'after SIGTERM reviews are still answered for so long (default: 5s)' },
];
