let failures = 0;
let count = 0;

/** One line a check; the last ones count. */
export function hold(what: string, ok: boolean, detail: () => string = () => ''): void {
  count += 1;
  if (ok) console.log(`ok     ${what}`);
  else {
    failures += 1;
    console.log(`FAILED ${what}\n${detail().replaceAll(/^/gm, '       ')}`);
  }
}

/** Runs it; what it throws is a failure of the whole act. */
export async function act(name: string, run: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  console.log(`\n${name}`);
  try {
    await run();
  } catch (error) {
    hold(name, false, () => (error as Error).stack ?? String(error));
  }
  console.log(`       (${((performance.now() - begin) / 1000).toFixed(1)} s)`);
}

export function summary(): { readonly checks: number; readonly failed: number } {
  return { checks: count, failed: failures };
}
