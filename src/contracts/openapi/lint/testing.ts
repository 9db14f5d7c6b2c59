/** What the tests of this folder share. */
import { load } from '../testing.ts';

export type Paths = Readonly<Record<string, unknown>>;
type Document = Readonly<Record<string, unknown>>;

/** What `check` says of a document beyond its mistakes: `severity code pointer`, of the given codes. */
export async function lints(document: Document, ...codes: string[]): Promise<string[]> {
  const { problems } = await load({ 'api.json': document }, { eager: true });
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return problems.filter(({ code }) => codes.includes(code)).map((p) => `${p.severity} ${p.code} ${p.pointer}`);
}

export async function messages(document: Document, code: string): Promise<string[]> {
  return (await load({ 'api.json': document }, { eager: true })).problems.filter((p) => p.code === code).map((p) => p.message);
}

const responses = { default: { description: 'any' } };

/** One operation of the path `/x` that answers, asks or sends so. */
export const answers = (content: unknown): Paths => ({
  '/x': { get: { responses: { 200: { description: 'fine', content }, ...responses } } },
});
export const asks = (parameter: unknown): Paths => ({ '/x': { get: { parameters: [parameter], responses } } });
export const sends = (content: unknown): Paths => ({ '/x': { put: { requestBody: { content }, responses } } });
