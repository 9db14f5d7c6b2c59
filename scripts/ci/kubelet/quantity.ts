const FACTORS: Readonly<Record<string, number>> = {
  ...{ '': 1, k: 1e3, M: 1e6, G: 1e9, T: 1e12 },
  ...{ Ki: 1024, Mi: 1024 ** 2, Gi: 1024 ** 3, Ti: 1024 ** 4 },
};

/** A quantity of memory as Kubernetes writes it, in bytes. @throws on anything else. */
export function bytesOf(quantity: string | number): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?)(|k|M|G|T|Ki|Mi|Gi|Ti)$/.exec(String(quantity)) ?? [];
  if (digits === undefined) throw new Error(`${quantity} is no quantity of memory`);
  return Number(digits) * (FACTORS[unit] as number);
}

/** A quantity of processors, in thousandths. @throws on anything else. */
export function milliOf(quantity: string | number): number {
  const [, digits, milli] = /^(\d+(?:\.\d+)?)(m?)$/.exec(String(quantity)) ?? [];
  if (digits === undefined) throw new Error(`${quantity} is no quantity of processors`);
  return milli === 'm' ? Number(digits) : Number(digits) * 1000;
}
