/**
 * What Kubernetes' tools (sigs.k8s.io/yaml, a YAML 1.1 reader) take a plain scalar for where YAML 1.2 sees another value: booleans such as `yes` and `on`, and
 * numbers like `010` and `8_080`. `value`: as YAML 1.2 (§10.3.2) reads it.
 */
export function kubernetesWord(source: string, value: unknown): unknown {
  if (TRUE.test(source)) return true;
  if (FALSE.test(source)) return false;
  const digits = source.replaceAll('_', '');
  if (OCTAL.test(digits)) return Number.parseInt(digits, 8);
  return digits !== source && DECIMAL.test(digits) ? Number(digits) : value;
}

const TRUE = /^(?:y|Y|yes|Yes|YES|on|On|ON)$/;
const FALSE = /^(?:n|N|no|No|NO|off|Off|OFF)$/;
const OCTAL = /^[-+]?0[0-7]+$/;
const DECIMAL = /^[-+]?[1-9]\d*$/;
