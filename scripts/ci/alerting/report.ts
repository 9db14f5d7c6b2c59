/** What was held, and what was not: a line each, and the count at the end. */
export class Report {
  #passed = 0;
  #failed = 0;
  readonly #from = performance.now();

  hold(isSo: boolean, what: string, why = ''): void {
    if (isSo) this.#passed += 1;
    else this.#failed += 1;
    const seconds = ((performance.now() - this.#from) / 1000).toFixed(0).padStart(4);
    console.log(
      `${isSo ? 'ok    ' : 'FAILED'} ${seconds} s  ${what}${isSo || why === '' ? '' : `\n        ${why.replaceAll('\n', '\n        ')}`}`,
    );
  }

  /** Prints the count. Whether all was held, and anything was. */
  end(): boolean {
    console.log(`${this.#passed} held, ${this.#failed} not`);
    return this.#failed === 0 && this.#passed > 0;
  }
}
