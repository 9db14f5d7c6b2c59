import { type ConfigurationFile, type ReadFile, readConfiguration } from './load.ts';
import type { Override } from './overrides.ts';
import { type ConfigurationText, type Parsed, parseConfiguration, parseWithoutFile } from './parse.ts';
import type { WithoutFile } from './without-file.ts';

/** Where a process has its settings from, to be asked again at each reload. What flags and environment say stays over the file. */
export interface SettingsSource {
  /** Never rejects: what cannot be read is a problem like any other. */
  read(): Promise<Parsed>;
  /** What the last reading was made of, the contracts apart. */
  readonly files: readonly ReadFile[];
}

export class FileSource implements SettingsSource {
  readonly #file: ConfigurationFile;
  files: readonly ReadFile[] = [];

  constructor(file: ConfigurationFile) {
    this.#file = file;
  }

  async read(): Promise<Parsed> {
    const { parsed, file } = await readConfiguration(this.#file);
    this.files = [file];
    return parsed;
  }
}

/** A configuration that is a variable's value: always the same text; only the contracts can change. */
export class TextSource implements SettingsSource {
  readonly #text: ConfigurationText;
  readonly files: readonly ReadFile[] = [];

  constructor(text: ConfigurationText) {
    this.#text = text;
  }

  async read(): Promise<Parsed> {
    return parseConfiguration(this.#text);
  }
}

/** `run --spec … --upstream …`: always the same words; only the contract can change. */
export class WordsSource implements SettingsSource {
  readonly #words: WithoutFile;
  readonly #context: { readonly dir: string; readonly overrides: readonly Override[] };
  readonly files: readonly ReadFile[] = [];

  constructor(words: WithoutFile, context: { readonly dir: string; readonly overrides: readonly Override[] }) {
    this.#words = words;
    this.#context = context;
  }

  async read(): Promise<Parsed> {
    return parseWithoutFile(this.#words, this.#context);
  }
}
