import type { Helm } from './helm.ts';

/** The newest version of MutatingAdmissionPolicy that a Kubernetes has (KEP-3962). */
const VERSIONS: Readonly<Record<string, string>> = { '1.32.0': 'v1alpha1', '1.34.0': 'v1beta1', '1.35.2': 'v1beta1', '1.36.0': 'v1' };

/**
 * What is wrong with the policy where no cluster says which version it has: `helm template`, GitOps. The models know the last version alone, so the others are held against that:
 * nothing but the version differs.
 */
export function policyVersions(helm: Helm): readonly string[] {
  const render = (kube: string) => helm.template({ values: { injection: { kind: 'policy' } }, kube });
  const last = render('1.36.0');
  return Object.entries(VERSIONS).flatMap(([kube, version]) => {
    const { ok, said, text } = render(kube);
    if (!ok) return [`${kube}: ${said}`];
    const wanted = last.text.replaceAll(
      'apiVersion: admissionregistration.k8s.io/v1\n',
      `apiVersion: admissionregistration.k8s.io/${version}\n`,
    );
    return text === wanted && text.includes(`admissionregistration.k8s.io/${version}\n`) ? [] : [`${kube}: it is not that of ${version}`];
  });
}
