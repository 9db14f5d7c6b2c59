import type { KubeApi } from '../kube/kube-api.ts';
import { KubeError } from '../kube/kube-error.ts';

export interface TrustParts {
  readonly api: KubeApi;
  /** Name of the MutatingWebhookConfiguration. */
  readonly webhook: string;
  /** Those of its webhooks are ours that call this service. */
  readonly service: string;
  readonly namespace: string;
}

const ROUNDS = 8;

/**
 * Tells the API server whom to trust: `caBundle` of all webhooks that call our service. `bundle` is PEM. Resolves with what there was to
 * do; also puts right what a tool that knows only its own manifest has taken away. Rejects with KubeError.
 */
export async function publishTrust({ api, webhook, service, namespace }: TrustParts, bundle: string): Promise<'changed' | 'unchanged'> {
  const path = `/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/${webhook}`;
  const caBundle = Buffer.from(bundle).toString('base64');
  for (let round = 0; round < ROUNDS; round++) {
    const found = (await api.get(path)) as Configuration | undefined;
    if (found === undefined) throw new KubeError(`there is no MutatingWebhookConfiguration ${webhook}`, 404);
    const ours = webhooksOf(found).filter(({ clientConfig }) => {
      const target = clientConfig?.service;
      return target?.name === service && target.namespace === namespace;
    });
    if (ours.length === 0) {
      throw new KubeError(
        `MutatingWebhookConfiguration ${webhook} has no webhook that calls the service ${namespace}/${service}`,
        undefined,
      );
    }
    const stale = ours.filter(({ clientConfig }) => clientConfig?.caBundle !== caBundle);
    if (stale.length === 0) return 'unchanged';
    const { resourceVersion } = found.metadata ?? {};
    // Webhooks are merged by their names: nothing else of them is touched.
    const patch = { metadata: { resourceVersion }, webhooks: stale.map(({ name }) => ({ name, clientConfig: { caBundle } })) };
    if ((await api.patch(path, 'strategic-merge', patch)) === 'patched') return 'changed';
  }
  throw new KubeError(`MutatingWebhookConfiguration ${webhook} changed ${ROUNDS} times while it was to be written`, undefined);
}

interface Webhook {
  readonly name?: string;
  readonly clientConfig?: { readonly caBundle?: string; readonly service?: { readonly name?: string; readonly namespace?: string } };
}
interface Configuration {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly webhooks?: unknown;
}

function webhooksOf({ webhooks }: Configuration): readonly Webhook[] {
  return Array.isArray(webhooks) ? webhooks.filter((one: unknown) => typeof one === 'object' && one !== null) : [];
}
